//! An embeddable authorization policy engine for multi-tenant APIs.
//!
//! `portcullis` stands in front of every request of an API whose users have a
//! scope (the whole platform, the tenants of one group, or one tenant), a
//! profile of privileges, and API keys; whose releases differ in what they
//! restrict; and where a wrong allow is the worst thing that can happen. It
//! decides each request, tells why, and says to which tenants an answer must
//! be limited. It is pure: no clock, files, network, environment, randomness
//! or threads, `no_std` with `alloc`.
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
//! # The walk of a request
//!
//! 1. [`Directory::principal`] turns a verified credential and an instant into
//!    a [`Principal`]: who asks. What depends on time is settled here.
//! 2. [`Engine::endpoint`] (or [`Engine::target`], with the query) turns a
//!    method and a path into an [`Endpoint`]: what is asked for.
//! 3. [`Directory::tenant`] turns the tenant's name, if there is one, into a
//!    [`Tenant`]: whose data is asked for.
//! 4. [`Engine::authorize`] asks its eighteen questions and gives a
//!    [`Decision`]. [`Engine::explain`] tells every answer.
//!
//! Each resolver is total: what is wrong becomes the decision's reason. A host
//! that keeps its own users builds its principals with [`Principal::new`] and
//! brings a [`Tenancy`].
//!
//! # The map
//!
//! The files and rooms of `src/` in reading order. Each imports only from
//! those above its own. The room `x` is the file `x.rs` with the folder `x/`.
//!
//! | file or room | holds |
//! |---|---|
//! | `time.rs` | instants, as the host reports them |
//! | `util/` | collections with a stable order, texts, stamps |
//! | `id.rs` | names of users, tenants, groups, profiles and keys |
//! | `release.rs` | releases, their trains, and one deployment of one |
//! | `method.rs` | request methods |
//! | `privilege.rs` | privileges and sets of them |
//! | `profile.rs` | named sets of privileges |
//! | `scope.rs` | root, partner, tenant |
//! | `account.rs` | users as a host describes them |
//! | `key.rs` | API keys and their state |
//! | `credential.rs` | what a request presents, once verified |
//! | `reason.rs` | why a request is denied |
//! | `tenancy/` | tenants and groups, and what a scope holds |
//! | `principal.rs` | who asks, at one instant |
//! | `path/` | **what a request names**: paths, templates, endpoints, the catalogue |
//! | `fault/` | what can be wrong with a document |
//! | `document/` | **from YAML to checked documents** |
//! | `policy/` | a policy: checked, indexed, immutable |
//! | `engine/` | **the eighteen questions**, decisions, and explanations |
//! | `token/` | keys and tokens as text, and what they say |
//! | `directory/` | users, keys and tenancy as data, and who may do what to whom |
//! | `audit/` | around the engine, never inside it: the complete matrix; policy suites |

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod account;
pub mod audit;
mod credential;
mod directory;
mod document;
mod engine;
mod fault;
mod id;
mod key;
mod method;
mod path;
mod policy;
mod principal;
mod privilege;
mod profile;
mod reason;
mod release;
mod scope;
mod tenancy;
mod time;
mod token;
mod util;

pub use account::{Account, AccountKind};
pub use credential::{Credential, TOKEN_LIFETIME_SECONDS, Technique, VerifiedKey, VerifiedToken};
pub use directory::activity::{Activity, ActivityRecord, Refused};
pub use directory::administration::{Administration, CurrentPassword};
pub use directory::key_states::{KeyEntry, KeyStage, KeyStates, MergeError, Merged, OwnerConflict};
pub use directory::password::{PasswordFault, PasswordFaults, judge_password};
pub use directory::refusal::Refusal;
pub use directory::second_factor::SecondFactor;
pub use directory::{
    AccountListing, Act, Directory, DirectoryError, KeyFinding, KeyListing, KeyStatus, NewKey,
    Succession, UnwritableError,
};
pub use document::nearest::nearest;
pub use document::positions_of;
pub use engine::decision::{Allowance, Confinement, Decision, Denial, OwnedConfinement};
pub use engine::explain::{Answer, Explanation, QUESTIONS, Verdict};
pub use engine::{Engine, UnknownReleaseError};
pub use fault::{Code, Diagnostic, Faults, MOST_LOCATED, Position, Severity};
pub use id::{GroupId, KeyId, ParseIdError, ProfileId, TenantId, UserId};
pub use key::{ApiKey, KeyKind, KeyState};
pub use method::Method;
pub use path::ParameterValue;
pub use path::endpoint::{CatalogueEntry, Endpoint, Parameters, TenantMode};
pub use path::target::Target;
pub use path::target_fault::{TargetFault, TargetPlace, TargetRule};
pub use path::template::error::ParseTemplateError;
pub use path::template::{Parameter, ParameterKind, Segment, Template};
pub use path::tenant_parameter::TenantParameter;
pub use policy::digest::Digest;
pub use policy::{EMBEDDED_DIRECTORY, EMBEDDED_POLICY, EMBEDDED_SUITES, Policy, Requirement};
pub use principal::Principal;
pub use privilege::{ParsePrivilegeError, Privilege};
pub use profile::{BUILT_IN, ProfileRef, SUPER_ADMIN};
pub use reason::{Reason, ReasonClass};
pub use release::{Access, Deployment, ParseReleaseError, Release, Techniques, Train};
pub use scope::{Scope, ScopeLevel};
pub use tenancy::{Tenancy, TenancyError, Tenant, TenantSet};
pub use time::UnixSeconds;
pub use token::claims::{KeyPayload, TokenClaims};
pub use token::compact_token::{CompactToken, CompactTokenError, TokenPart};
pub use util::text::is_invisible;

/// The guide's examples are compiled and run with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(doctest)]
#[doc = include_str!("../docs/suites.md")]
struct Suites;

#[cfg(doctest)]
#[doc = include_str!("../docs/gateway-author.md")]
struct GatewayAuthor;

#[cfg(doctest)]
#[doc = include_str!("../docs/keys-and-accounts.md")]
struct KeysAndAccounts;
