//! A request with everything that a change can replace.

use crate::account::Account;
use crate::credential::Credential;
use crate::key::ApiKey;
use crate::path::endpoint::Endpoint;
use crate::release::Deployment;
use crate::time::UnixSeconds;

/// A request, with everything that a change can replace.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'s> {
    /// The deployment that decides it.
    pub deployment: Deployment,
    /// The time of the request.
    pub now: UnixSeconds,
    /// The account of the user; `None` if the user does not exist.
    pub account: Option<&'s Account>,
    /// The credential.
    pub credential: Credential<'s>,
    /// The key of the credential; `None` if it does not exist.
    pub key: Option<&'s ApiKey>,
    /// The endpoint, resolved by an engine of the same policy.
    pub endpoint: Endpoint<'s>,
    /// The name of the tenant, if the request names one outside the path.
    pub tenant: Option<&'s str>,
}
