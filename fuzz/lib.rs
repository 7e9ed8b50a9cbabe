//! What the fuzz targets check, one file each, so that a test without a fuzzer
//! can check the seeds as well.

// Needs the tool, so the tests of the tool check its seeds.
#[cfg(not(test))]
pub mod batch;
pub mod decisions;
pub mod directory;
pub mod history;
pub mod paths;
pub mod policy;
pub mod suite;

#[path = "../tests/comparison/mod.rs"]
mod comparison;
#[expect(dead_code, reason = "tests of the lifecycle use more of it")]
#[path = "../tests/history/mod.rs"]
mod model;
#[path = "../tests/documents/other_reader.rs"]
mod other_reader;
#[cfg_attr(not(test), expect(dead_code, reason = "tests use more of it"))]
#[path = "../tests/reference/mod.rs"]
mod reference;
#[path = "../tests/documents/refused.rs"]
mod refused;
