//! What an allowed request hands on.

use portcullis::{Confinement, KeyId, OwnedConfinement, UserId};

/// An allowed request, for the handler behind the layer: an extension of the
/// request. It borrows nothing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Allowed {
    /// The template of the endpoint, below the base path, such as `/cases/{id}`.
    pub endpoint: String,
    /// The parameters of the path, decoded, in the order of the template.
    pub parameters: Vec<(String, String)>,
    /// The tenants to which the answer must be limited.
    pub confinement: OwnedConfinement,
    /// The user; `None` for a public endpoint, where nobody was identified.
    pub user: Option<UserId>,
    /// The key that was presented, or that the token was made from.
    pub key: Option<KeyId>,
    /// The id of the request: its [`RequestId`], or else 22 random characters. It is
    /// also that of the signed decision (`jti`).
    pub request_id: String,
}

/// The id that a host gave a request, as an extension of the request. The signed
/// decision then has the same id, so that a line in the log of an upstream can be
/// found in the log of the host. It must be another one for each request.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct RequestId(pub String);

impl Allowed {
    /// The value of a parameter of the path.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Whether the answer may hold data of a tenant.
    pub fn allows(&self, tenant: &str) -> bool {
        match self.confinement.as_borrowed() {
            Confinement::Unconfined => true,
            Confinement::Tenants(tenants) => tenants.iter().any(|own| own.as_str() == tenant),
            Confinement::One(own) => own.as_str() == tenant,
            Confinement::NotTenantData => false,
        }
    }
}
