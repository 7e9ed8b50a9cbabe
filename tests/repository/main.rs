//! The rules of this repository that no compiler checks: which file may import
//! which, that the pages name tests and pages that exist, and which words
//! comments and pages use.

mod evidence;
mod imports;
mod layering;
mod words;
