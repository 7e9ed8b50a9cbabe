//! What the other files use: collections with a stable order, texts, and stamps.

pub(crate) mod hash;
pub(crate) mod limits;
pub(crate) mod spelled;
pub(crate) mod stamp;
pub(crate) mod table;
pub(crate) mod text;
