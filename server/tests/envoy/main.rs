//! The real Envoy in front of an upstream, with decisions by gRPC from the program
//! itself.
//!
//! The tests are those of the proxies that ask over HTTP: see
//! `host/tests/proxies/main.rs`. They need Envoy, so they are ignored by default;
//! `.ci/proxies envoy` installs it and runs them.

#[path = "../../../host/tests/proxies/corpus.rs"]
mod corpus;
mod decisions;
mod envoy;
#[path = "../../../host/tests/proxies/envoy_both.rs"]
mod envoy_both;
#[path = "../../../host/tests/proxies/headers.rs"]
mod headers;
#[path = "../../../host/tests/proxies/oracle.rs"]
mod oracle;
#[expect(dead_code, reason = "some proxies need more of it")]
#[path = "../server/setting.rs"]
mod program;
#[expect(dead_code, reason = "some proxies need more of it")]
#[path = "../../../host/tests/proxies/setting.rs"]
mod setting;
#[path = "../../../host/tests/proxies/upstream.rs"]
mod upstream;
#[path = "../../../host/tests/proxies/wire.rs"]
mod wire;
