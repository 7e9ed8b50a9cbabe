//! What reports show, independent of the format: the answers of the library,
//! folded and in words.

pub(crate) mod can;
pub(crate) mod check;
pub(crate) mod difference;
pub(crate) mod drift;
pub(crate) mod keys;
pub(crate) mod marks;
pub(crate) mod notes;
pub(crate) mod page;
pub(crate) mod people;
pub(crate) mod sweep;
pub(crate) mod test_run;
pub(crate) mod who_can;
pub(crate) mod words;
