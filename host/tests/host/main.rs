//! The crate as a host uses it: requests through the layer, signed decisions
//! through the reader, and what each of them refuses.

mod activity;
mod caller;
mod exchange;
mod forward_auth;
mod live;
mod requests;
mod setting;
mod statements;
mod tokens;
