//! The program as its users meet it: started with files of its own on ports that
//! the system chooses, asked byte for byte, and stopped.

mod administration;
mod configuration;
mod demo;
mod exchange;
mod flood;
mod grpc;
mod hostile;
mod operation;
mod page;
mod proxies;
mod reload;
mod setting;
mod stores;
mod tls;
#[cfg(feature = "languages")]
mod upstreams;
#[cfg(feature = "languages")]
mod vendor_scripts;
