//! Stores of both kinds under one set of tests: what they keep, what another process
//! learns, and what happens when they fail.

mod activity;
mod child;
mod contract;
mod corrupt;
mod failing;
mod killed;
mod rewriting;
mod setting;
