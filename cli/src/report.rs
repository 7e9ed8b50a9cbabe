//! How answers are printed: a module for each format.

pub(crate) mod csv;
pub(crate) mod json;
pub(crate) mod junit;
pub(crate) mod markdown;
pub(crate) mod tap;
pub(crate) mod terminal;
