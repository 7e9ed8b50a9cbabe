//! What the fuzz targets check, one file each, so that a test without a fuzzer
//! can check the seeds as well.

// Needs the tool, so the tests of the tool check its seeds.
#[cfg(not(test))]
pub mod batch;
pub mod decisions;
pub mod directory;
pub mod paths;
pub mod policy;
pub mod suite;

#[path = "../tests/comparison/mod.rs"]
mod comparison;
#[path = "../tests/documents/other_reader.rs"]
mod other_reader;
#[cfg_attr(not(test), expect(dead_code, reason = "tests use more of it"))]
#[path = "../tests/reference/mod.rs"]
mod reference;
