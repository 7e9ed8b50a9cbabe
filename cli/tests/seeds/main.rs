//! The seeds of the fuzzer of batch lines, checked without a fuzzer.

#[path = "../../../fuzz/batch/mod.rs"]
mod batch;
mod reference;

use std::fs;
use std::path::Path;

#[test]
fn batches() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds/batch");
    let mut checked = 0;
    for entry in fs::read_dir(folder).unwrap() {
        batch::check(&fs::read(entry.unwrap().path()).unwrap());
        checked += 1;
    }
    assert!(checked >= 6, "only {checked} seeds");
}
