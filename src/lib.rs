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
//! The files of `src/` in reading order. Each imports only from files above
//! its own.
//!
//! | file | holds |
//! |---|---|
//! | `hash.rs` | maps and sets with a stable order |
//! | `table.rs` | records by name, numbered densely |
//! | `text.rs` | what of a text cannot be seen, and what is the same without regard to case |
//! | `id.rs` | names of users, tenants, groups, profiles and keys |
//! | `time.rs` | instants, as the host tells them |
//! | `spelled.rs` | checked values out of any data format |
//! | `stamp.rs` | which policy or tenancy a resolved value came from |
//! | `release.rs` | releases, their trains, and one deployment of one |
//! | `method.rs` | request methods |
//! | `word.rs` | text, eight bytes at a time |
//! | `target_fault.rs` | what makes a target malformed: rule, place and byte |
//! | `template.rs` | path templates: literals, parameters, alternations, tails |
//! | `path.rs` | canonical paths and the values of their parameters |
//! | `tenant_parameter.rs` | where a request names its tenant |
//! | `target.rs` | the tenant that a query names |
//! | `automaton.rs` | which templates a path fits, settled when a policy is loaded |
//! | `privilege.rs` | privileges and sets of them |
//! | `profile.rs` | named sets of privileges |
//! | `scope.rs` | root, partner, tenant |
//! | `tenancy.rs` | tenants and groups, and what a scope holds |
//! | `account.rs` | users as a host describes them |
//! | `key.rs` | API keys and their state |
//! | `key_states.rs` | the states of keys as they travel between replicas |
//! | `credential.rs` | what a request presents, once verified |
//! | `reason.rs` | why a request is denied |
//! | `endpoint.rs` | an entry of the catalogue; what a request resolved to |
//! | `principal.rs` | who asks, at one instant |
//! | `decision.rs` | allow with a confinement, or deny with a reason |
//! | `digest.rs` | what identifies a policy's meaning |
//! | `fault.rs` | what can be wrong with a document |
//! | `document.rs` | from YAML to checked documents |
//! | `canonical.rs` | a policy as a document in one spelling |
//! | `catalogue.rs` | endpoints compiled for matching |
//! | `policy.rs` | a policy: checked, indexed, immutable |
//! | `standing.rs` | **questions 1 to 8**: does the credential stand? |
//! | `engine.rs` | **questions 9 to 18**, and the one line that allows |
//! | `explain.rs` | the same questions, told |
//! | `compact_token.rs` | the compact form of keys and tokens |
//! | `claims.rs` | what keys and tokens say |
//! | `password.rs` | the rule on new passwords |
//! | `second_factor.rs` | the platform's rule and each user's choice |
//! | `refusal.rs` | why an act of administration is refused |
//! | `administration.rs` | **who may do what to whom**: pure rules |
//! | `activity.rs` | what happened, for the host's log |
//! | `directory.rs` | users, keys and tenancy as data |
//! | `audit.rs` | around the engine, never inside it: the complete matrix; policy suites |

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod account;
mod activity;
mod administration;
pub mod audit;
mod automaton;
mod canonical;
mod catalogue;
mod claims;
mod compact_token;
mod credential;
mod decision;
mod digest;
mod directory;
mod document;
mod endpoint;
mod engine;
mod explain;
mod fault;
mod hash;
mod id;
mod key;
mod key_states;
mod method;
mod password;
mod path;
mod policy;
mod principal;
mod privilege;
mod profile;
mod reason;
mod refusal;
mod release;
mod scope;
mod second_factor;
mod spelled;
mod stamp;
mod standing;
mod table;
mod target;
mod target_fault;
mod template;
mod tenancy;
mod tenant_parameter;
mod text;
mod time;
mod word;

pub use account::{Account, AccountKind};
pub use activity::{Activity, ActivityRecord, Refused};
pub use administration::{Administration, CurrentPassword};
pub use claims::{KeyPayload, TokenClaims};
pub use compact_token::{CompactToken, CompactTokenError, TokenPart};
pub use credential::{Credential, TOKEN_LIFETIME_SECONDS, Technique, VerifiedKey, VerifiedToken};
pub use decision::{Allowance, Confinement, Decision, Denial, OwnedConfinement};
pub use digest::Digest;
pub use directory::{
    AccountListing, Act, Directory, DirectoryError, KeyFinding, KeyListing, KeyStatus, NewKey,
    Succession, UnwritableError,
};
pub use document::positions_of;
pub use endpoint::{CatalogueEntry, Endpoint, Parameters, TenantMode};
pub use engine::{Engine, Target, UnknownReleaseError};
pub use explain::{Answer, Explanation, QUESTIONS, Verdict};
pub use fault::{
    DirectoryFault, EndpointFault, Fault, FaultCode, FaultKind, Faults, MOST_LOCATED, PolicyFault,
    Position, ReleaseFault, ShapeFault, SuiteFault, TextFault,
};
pub use id::{GroupId, KeyId, ParseIdError, ProfileId, TenantId, UserId};
pub use key::{ApiKey, KeyKind, KeyState};
pub use key_states::{KeyEntry, KeyStage, KeyStates, MergeError, Merged, OwnerConflict};
pub use method::Method;
pub use password::{PasswordFault, PasswordFaults, judge_password};
pub use path::ParameterValue;
pub use policy::{EMBEDDED_DIRECTORY, EMBEDDED_POLICY, EMBEDDED_SUITES, Policy};
pub use principal::Principal;
pub use privilege::{ParsePrivilegeError, Privilege};
pub use profile::{BUILT_IN, ProfileRef, SUPER_ADMIN};
pub use reason::{Reason, ReasonClass};
pub use refusal::Refusal;
pub use release::{Access, Deployment, ParseReleaseError, Release, Techniques, Train};
pub use scope::{Scope, ScopeLevel};
pub use second_factor::SecondFactor;
pub use target_fault::{TargetFault, TargetPlace, TargetRule};
pub use template::{Parameter, ParameterKind, ParseTemplateError, Segment, Template};
pub use tenancy::{Tenancy, TenancyError, Tenant, TenantSet};
pub use tenant_parameter::TenantParameter;
pub use text::is_invisible;
pub use time::UnixSeconds;

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
