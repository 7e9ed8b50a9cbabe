//! The reference: the whole decision once more, slow and obvious.
//!
//! It shares nothing with the crate but the two YAML documents. It keeps no
//! index, it returns nothing early, and it asks each of the eighteen questions
//! without looking at the answers to the others; whoever doubts the engine reads
//! [`decide`] from top to bottom and finds one sentence of the rules per line.
//!
//! | file | holds |
//! |---|---|
//! | [`world`] | the two documents as plain data |
//! | [`request`] | one request, as the tool's JSON Lines write it |
//! | [`template`] | path templates, and how two of them compare |
//! | [`catalogue`] | which endpoint a path is |
//! | [`check`] | which pairs of templates a policy may not have |
//! | [`target`] | what a request-target names, and which rules it breaks |
//! | [`decide`] | the eighteen questions |
//! | [`space`] | every authorization cell with a sound credential |
//! | [`standing`] | every standing of credential and principal, and their pairs |
//! | [`hostile`] | request-targets that try to be another one |
//! | [`peculiar`] | a second world, odd where the embedded one is plain |
//!
//! The documents are taken to be valid. A test includes it with `mod reference;`.

pub(crate) mod catalogue;
pub(crate) mod check;
pub(crate) mod decide;
pub(crate) mod hostile;
pub(crate) mod peculiar;
pub(crate) mod request;
pub(crate) mod space;
pub(crate) mod standing;
pub(crate) mod target;
pub(crate) mod template;
pub(crate) mod world;

#[cfg(test)]
mod language;
#[cfg(test)]
mod tests;
