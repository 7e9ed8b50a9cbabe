//! portcullis as a process: it exchanges API keys for access tokens, manages keys,
//! and decides requests for proxies.
//!
//! | file | holds |
//! |---|---|
//! | `fault` | why the server does not start, or does not take over a change |
//! | `configuration` | the configuration: one file and the environment |
//! | `paths` | the paths of the server's own pages |
//! | `certificate` | a certificate that can be replaced |
//! | `documents` | policy, keys and certificates, as they are read |
//! | `people` | the store of users and keys |
//! | `metrics` | what is counted |
//! | `log` | the log of activity |
//! | `recorder` | where the records of activity go |
//! | `serving` | what answers, and changes with a reload |
//! | `server` | what the listeners share |
//! | `reply` | answers as JSON |
//! | `keys` | the administration of keys |
//! | `own_activity` | what a user did, for that user |
//! | `example` | an API with example data, for demonstrations |
//! | `inner` | the listener for proxies, health and metrics |
//! | `question` | what Envoy asks by gRPC, as the question of a proxy |
//! | `grpc` | the listener for Envoy by gRPC |
//! | `public` | the listener for clients |
//! | `request` | what happens around every request |
//! | `listener` | accepts connections, within limits |
//! | `descriptors` | how many connections the process can have open |
//! | `reload` | reloads on a signal and on a changed file |
//! | `upkeep` | what is done every second, minute and hour |
//! | `demo` | a server without any file |
//! | `arguments` | the command line |
//! | `run` | the program |

#![forbid(unsafe_code)]

mod arguments;
mod certificate;
mod configuration;
mod demo;
mod descriptors;
mod documents;
mod example;
mod fault;
mod grpc;
mod inner;
mod keys;
mod listener;
mod log;
mod metrics;
mod own_activity;
mod paths;
mod people;
mod public;
mod question;
mod recorder;
mod reload;
mod reply;
mod request;
mod run;
mod server;
mod serving;
mod upkeep;

pub use crate::run::main;
