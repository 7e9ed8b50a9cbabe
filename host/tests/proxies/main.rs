//! Real proxies in front of an upstream, with decisions by forward-auth.
//!
//! Each test starts a proxy with its file from `host/proxies/`, sends it every
//! request of `host/proxies/requests.txt` as raw bytes, and looks at the raw bytes
//! that reach the upstream. They need the proxies, so they are ignored by default;
//! `.ci/proxies` installs the proxies and runs them:
//!
//! ```text
//! .ci/proxies nginx
//! cargo test -p portcullis-host --test proxies -- --ignored nginx
//! ```

mod caddy;
mod corpus;
mod decisions;
mod envoy;
mod envoy_both;
mod haproxy;
mod headers;
mod nginx;
mod oracle;
mod pages;
#[path = "../serving/mod.rs"]
mod serving;
mod setting;
mod traefik;
mod upstream;
mod wire;
