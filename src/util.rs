//! Helpers for all other files: collections with a stable order, texts, and
//! stamps.

pub(crate) mod bytes;
pub(crate) mod hash;
pub(crate) mod index;
pub(crate) mod limits;
pub(crate) mod short_name;
pub(crate) mod short_names;
pub(crate) mod spelled;
pub(crate) mod stamp;
pub(crate) mod table;
pub(crate) mod text;
