//! One request as the peers are told it.

/// The scope of root users, as the peers' stores call it.
pub const ROOT: &str = "root";

/// Who asks for which endpoint and tenant: everything by its name, nothing
/// left to be parsed or routed.
#[derive(Debug)]
pub struct Question {
    /// The user.
    pub user: String,
    /// The user's profile.
    pub profile: String,
    /// The user's scope: [`ROOT`], a group or a tenant. No two share a name.
    pub scope: String,
    /// The template of the endpoint.
    pub endpoint: String,
    /// The tenant that is named.
    pub tenant: Option<String>,
}
