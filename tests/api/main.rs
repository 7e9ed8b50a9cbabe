//! What hosts rely on: signatures and sizes, stable words, suites in one line.

mod guarantees;
mod printed;
mod suites;
mod words;
