//! The audits against brute force: whatever they fold, every cell must be what
//! `authorize` says about it when it is asked by itself.

#[path = "../worlds/mod.rs"]
mod worlds;

mod brute;
mod coverage;
mod diff;
mod embedded;
mod matrix;
mod mutate;
mod people;
mod requirements;
mod suite;
mod tables;
mod what_if;
