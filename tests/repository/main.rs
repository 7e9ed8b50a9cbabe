//! The rules of this repository that no compiler holds: which file may import
//! which, and that the pages name tests and pages that exist.

mod evidence;
mod imports;
mod layering;
