//! What reports show, whatever their format: answers of the library, folded and
//! in words.

pub(crate) mod difference;
pub(crate) mod marks;
pub(crate) mod notes;
pub(crate) mod page;
pub(crate) mod people;
pub(crate) mod sweep;
pub(crate) mod words;
