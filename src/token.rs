//! Keys and tokens as text: their compact form, and what they say.

pub(crate) mod claims;
pub(crate) mod compact_token;
