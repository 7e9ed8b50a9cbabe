//! What the fuzz targets check, one file each, so that a test without a fuzzer
//! can check the seeds as well.

#![allow(missing_docs, reason = "the file's comment says it")]

pub mod decisions;
pub mod directory;
pub mod paths;
pub mod policy;

#[allow(dead_code, reason = "tests use more of it")]
#[path = "../tests/comparison/mod.rs"]
mod comparison;
#[path = "../tests/documents/other_reader.rs"]
mod other_reader;
#[allow(dead_code, reason = "tests use more of it")]
#[path = "../tests/reference/mod.rs"]
mod reference;
