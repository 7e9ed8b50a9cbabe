//! What may happen to users and their keys over time, told twice.
//!
//! | file | holds |
//! |---|---|
//! | [`world`] | a small world in which every relation between accounts occurs |
//! | [`naive`] | the lifecycle as it is specified, with sets and lists |
//! | [`operations`] | every operation with whatever may be named in it |
//! | [`pair`] | the library and the naive model side by side |
//!
//! The tests of the lifecycle bring operations by chance, a fuzzer brings them
//! from bytes. Each includes it with `mod history;`.

pub mod naive;
pub mod operations;
pub mod pair;
pub mod world;
