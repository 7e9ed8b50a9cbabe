//! Keys, tokens and accounts over time: every act, in every order, on one
//! replica and on several, on one thread and on many.

mod activity;
mod naive;
mod order;
mod refusals;
mod replicas;
mod sequences;
mod story;
mod threads;
mod tokens;
mod world;
