//! Audits compared with brute force: the outcome of every cell must be what
//! `authorize` decides for it.

#[path = "../worlds/mod.rs"]
mod worlds;

mod authority;
mod brute;
mod coverage;
mod diff;
mod embedded;
mod gates;
mod invariants;
mod matrix;
mod mutate;
mod people;
mod requirements;
mod sections;
mod suite;
mod tables;
mod what_if;
mod what_if_sets;
mod words;
