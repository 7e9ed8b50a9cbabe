//! An embeddable authorization policy engine for multi-tenant APIs.
//!
//! `portcullis` decides requests to an API. Its users have a scope (the whole
//! platform, the tenants of one group, or one tenant), a profile of privileges, and
//! API keys. Its releases restrict different endpoints. A denial has a reason. An
//! allow says to which tenants the answer must be limited. There is no I/O: no
//! clock, files, network, environment, randomness or threads; `no_std` with `alloc`.
//!
//! ```
//! use std::sync::Arc;
//!
//! use portcullis::{Credential, Decision, Deployment, Directory, EMBEDDED_DIRECTORY, Engine, Policy};
//! use portcullis::{UnixSeconds, VerifiedToken};
//!
//! let policy = Arc::new(Policy::embedded()?);
//! let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy)?;
//! let engine = Engine::new(policy, Deployment::new("5.5.0".parse()?))?;
//!
//! // The host has verified the token; its clock says what time it is.
//! let token = VerifiedToken::new("k1", Some("msp"), Some(UnixSeconds::new(1_763_999_940)), None);
//! let principal = directory.principal(&Credential::Token(token), UnixSeconds::new(1_764_000_000));
//!
//! let target = engine.target("GET", "/connect/api/v1/cases?tenantid=alpha");
//! match engine.authorize(&principal, target.endpoint, directory.tenant(target.tenant)) {
//!     Decision::Allow(allowance) => println!("answer with {}", allowance.confinement()),
//!     Decision::Deny(denial) => println!("{} {}", denial.status(), denial.reason().text()),
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # How a request is decided
//!
//! 1. [`Directory::principal`] turns a verified credential and an instant into
//!    a [`Principal`]: the user who sends the request. All times are checked here.
//!    Only the revocation of the key is read later, at the decision.
//! 2. [`Engine::endpoint`] (or [`Engine::target`], with the query) turns a
//!    method and a path into an [`Endpoint`].
//! 3. [`Directory::tenant`] turns the name of the tenant, if the request names
//!    one, into a [`Tenant`].
//! 4. [`Engine::authorize`] combines the answers to the eighteen questions into a
//!    [`Decision`]. [`Engine::explain`] returns every answer.
//!
//! The first three never fail: if something is wrong, the decision has the
//! reason. A host that stores its own users creates principals with
//! [`Principal::new`] and a [`Tenancy`].
//!
//! # What is where
//!
//! The names on this page are those that a host needs first. All others are in
//! the module of their subject: for example releases in [`release`],
//! explanations in [`engine`], the faults of a document in [`fault`].
//!
//! # The map
//!
//! The files and module folders of `src/` in reading order. Each imports only
//! from those above it. The module folder `x/` belongs to the file `x.rs`.
//!
//! | file or folder | contains |
//! |---|---|
//! | `time.rs` | instants, as the host reports them |
//! | `util/` | collections with a stable order, texts, and stamps: a value that was looked up carries the stamp of the policy or tenancy in which it was looked up |
//! | `id.rs` | names of users, tenants, groups, profiles and keys |
//! | `release.rs` | releases, release trains, and deployments |
//! | `method.rs` | request methods |
//! | `privilege.rs` | privileges and sets of them |
//! | `profile.rs` | named sets of privileges |
//! | `scope.rs` | root, partner, tenant |
//! | `account.rs` | users as a host describes them |
//! | `key.rs` | API keys and their state |
//! | `credential.rs` | what a request presents, once verified |
//! | `question.rs` | **the eighteen questions**, their numbers and texts |
//! | `reason.rs` | why a request is denied |
//! | `tenancy/` | tenants and groups, and the tenants of a scope |
//! | `principal.rs` | the user and credential of a request, at one instant |
//! | `path/` | **what a request names**: paths, templates, endpoints, the catalogue |
//! | `fault/` | what can be wrong with a document |
//! | `document/` | **from YAML to checked documents** |
//! | `policy/` | a policy: checked, indexed, immutable |
//! | `engine/` | **decisions**: `standing` creates the principal and answers questions 1 to 8 except 4; `facts` has the parts of accounts and keys that those questions need; `rule` compiles requirements; `questions` has the functions for each question; `fast_path` decides nearly every request; `engine.rs` decides the rest; `path_tenant` answers question 17 if the path names the tenant; `decision` is the result; `explain` says in words how it came about; `fault` says what is wrong with a target |
//! | `token/` | keys and tokens as text, and their contents |
//! | `directory/` | users, keys and tenancy as data, and which users may administer which others |
//! | `audit/` | reports that call the engine: matrix, difference, impact, suites and their reader, mutants, lints, what-if |
//!
//! The tool is in `cli/`. What a gateway needs besides the library is in `host/`, and
//! the server is in `server/`.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod account;
pub mod audit;
pub mod credential;
pub mod directory;
pub mod document;
pub mod engine;
pub mod fault;
pub mod id;
mod key;
mod method;
pub mod path;
pub mod policy;
mod principal;
pub mod privilege;
pub mod profile;
mod question;
pub mod reason;
pub mod release;
pub mod scope;
pub mod tenancy;
mod time;
pub mod token;
mod util;

#[doc(inline)]
pub use crate::account::{Account, AccountKind};
#[doc(inline)]
pub use crate::credential::{Credential, VerifiedKey, VerifiedToken};
#[doc(inline)]
pub use crate::directory::Directory;
#[doc(inline)]
pub use crate::engine::{Allowance, Confinement, Decision, Denial, Engine, OwnedConfinement};
#[doc(inline)]
pub use crate::fault::Faults;
#[doc(inline)]
pub use crate::id::{GroupId, KeyId, ProfileId, TenantId, UserId};
#[doc(inline)]
pub use crate::key::{ApiKey, KeyKind, KeyState};
#[doc(inline)]
pub use crate::method::Method;
#[doc(inline)]
pub use crate::path::{Endpoint, Target};
#[doc(inline)]
pub use crate::policy::{EMBEDDED_DIRECTORY, EMBEDDED_POLICY, Policy};
#[doc(inline)]
pub use crate::principal::Principal;
#[doc(inline)]
pub use crate::reason::Reason;
#[doc(inline)]
pub use crate::release::{Deployment, Release};
#[doc(inline)]
pub use crate::scope::Scope;
#[doc(inline)]
pub use crate::tenancy::{Tenancy, Tenant};
#[doc(inline)]
pub use crate::time::UnixSeconds;

/// The examples of these pages are compiled and run with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(doctest)]
#[doc = include_str!("../docs/suites.md")]
struct Suites;

#[cfg(doctest)]
#[doc = include_str!("../docs/keys-and-accounts.md")]
struct KeysAndAccounts;
