//! Keys and tokens as text: their compact form and their contents.

pub(crate) mod claims;
pub(crate) mod compact_token;

pub use crate::token::claims::{KeyPayload, TokenClaims};
pub use crate::token::compact_token::{CompactToken, CompactTokenError, TokenPart};
