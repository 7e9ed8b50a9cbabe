//! What every host of `portcullis` needs around the decision, and what the
//! pure library leaves out: it reads a clock, makes secrets and signs.
//!
//! A gateway puts [`AuthorizeLayer`] in front of its routes. The layer reads the
//! credential of a request, decides, answers what is denied, exchanges keys for
//! tokens, and hands on an [`Allowed`] with everything that a handler needs.
//! Where the handler is another process, the layer adds a signed decision as a
//! header, and the upstream reads it with [`upstream::Reader`]: a header that
//! was lost, replaced or copied on the way is then a refusal, and never "no
//! limit".
//!
//! | file | holds |
//! |---|---|
//! | `clock` | where the time comes from |
//! | `secret` | the secret of an API key: how it is made, and its digest |
//! | `secrets` | which key has which digest |
//! | `presented` | the credential of a request, as it is read from its headers |
//! | `signing_key` | keys that sign tokens, and those that verify them |
//! | `signer` | what signs tokens of one type with one key |
//! | `access_token` | access tokens as signed text |
//! | `ordinary` | a request for an endpoint that asks for a credential |
//! | `snapshot` | engine, directory and secrets as one value |
//! | `store` | where users and keys are kept: files, or SQLite |
//! | `live` | the snapshot in force, and how it changes |
//! | `statement` | the signed decision |
//! | `activity` | where the records of activity go |
//! | `request_id` | the ids of requests |
//! | `allowed` | what an allowed request hands on |
//! | `answer` | the answers of the layer itself |
//! | `target` | the raw target of a request |
//! | `forwarding` | which headers of a client may reach the upstream |
//! | `gate` | how one request is decided |
//! | `caller` | who sends a request that is for the host itself |
//! | `guard` | what the tower layers share |
//! | `layer` | the gate as a tower layer |
//! | `lock` | a mutex whose holder may have panicked |
//! | `proxy` | what each proxy says about a request that it asks about |
//! | `forward_auth` | decisions for a proxy that asks before it forwards |
//! | `upstream` | the reader of signed decisions, as a function and as a tower layer |
//!
//! # Example
//!
//! ```
//! use std::sync::Arc;
//!
//! use portcullis::{Deployment, Directory, EMBEDDED_DIRECTORY, Engine, Policy};
//! use portcullis_host::{AuthorizeLayer, Gate, Live, Secrets, Snapshot};
//!
//! let policy = Arc::new(Policy::embedded()?);
//! let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy)?;
//! let engine = Engine::new(policy, Deployment::new("5.5.0".parse()?))?;
//! let secrets: Secrets = [("demo-secret-of-k1", "k1".parse()?)].into_iter().collect();
//!
//! let live = Arc::new(Live::new(Snapshot::new(engine, directory, secrets)));
//! let layer = AuthorizeLayer::new(Gate::new(live));
//! # let _ = layer;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

pub mod access_token;
pub mod activity;
mod allowed;
mod answer;
pub mod caller;
mod clock;
pub mod forward_auth;
mod forwarding;
mod gate;
mod guard;
mod layer;
mod live;
mod lock;
mod ordinary;
mod presented;
mod proxy;
mod request_id;
pub mod secret;
mod secrets;
mod signer;
pub mod signing_key;
mod snapshot;
pub mod statement;
pub mod store;
mod target;
pub mod upstream;

pub use crate::access_token::AccessTokens;
pub use crate::allowed::{Allowed, RequestId};
pub use crate::clock::{Clock, SystemClock};
pub use crate::gate::Gate;
pub use crate::layer::{Authorize, AuthorizeLayer};
pub use crate::live::{
    Change, CreateKeyError, CreatedKey, Live, RefreshError, ReloadError, RevokeError, Staleness,
};
pub use crate::presented::Presented;
pub use crate::proxy::Proxy;
pub use crate::secret::Secret;
pub use crate::secrets::Secrets;
pub use crate::signing_key::{SigningKey, VerifyingKeys};
pub use crate::snapshot::Snapshot;
pub use crate::statement::Statements;
pub use crate::store::{Store, StoreError};

/// The examples of the pages are compiled and run with the tests.
#[cfg(doctest)]
#[doc = include_str!("../../docs/host.md")]
struct Page;

#[cfg(doctest)]
#[doc = include_str!("../../docs/gateway-author.md")]
struct GatewayAuthor;
