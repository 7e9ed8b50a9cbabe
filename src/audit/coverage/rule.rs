//! One rule of a policy, as coverage counts it.

use alloc::string::String;

use serde::Serialize;

/// Kinds of rules, the most dangerous to leave untested first.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleKind {
    /// An endpoint that a release restricts. A denial for it covers the rule.
    Restriction,
    /// Whether accounts with a profile administer others, and whether they are above
    /// those with another profile. An act that is allowed, or refused for this,
    /// covers the rule.
    Administration,
    /// An endpoint that a release does not restrict, but the release before it
    /// in its train does. An allow for anyone but root users with Super Admin
    /// covers the rule.
    Opening,
    /// A privilege that a profile is granted. An allow that requires it covers the
    /// rule.
    Grant,
    /// Who may call the API at all in a deployment. If only root users with
    /// Super Admin may, a denial covers the rule. Otherwise an allow for anyone
    /// else does.
    Gate,
    /// That the path of an endpoint names the tenant. A denial for it covers the
    /// rule.
    PathTenant,
    /// The tenant mode of an endpoint-method. An allow with a confinement that only
    /// this mode gives covers the rule, and so does a denial for it.
    TenantMode,
    /// Whether a release accepts a technique. An allow or a denial covers the rule.
    Technique,
    /// A method of an endpoint, and what it requires. An allow covers the rule,
    /// or a denial for the privilege. An allow for Super Admin counts for a
    /// privilege only if nobody else is ever allowed. If several privileges are
    /// required, each is a rule; a denial for a principal without it covers the
    /// rule, if that can happen. An allow without a credential covers a public
    /// method.
    Endpoint,
    /// A reason. A denial for it covers the rule.
    Reason,
}

impl RuleKind {
    /// Every kind, in the order of the reports.
    pub const ALL: [Self; 10] = [
        Self::Restriction,
        Self::Administration,
        Self::Opening,
        Self::Grant,
        Self::Gate,
        Self::PathTenant,
        Self::TenantMode,
        Self::Technique,
        Self::Endpoint,
        Self::Reason,
    ];

    /// The plural that reports use.
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Restriction => "restrictions",
            Self::Administration => "rules of administration",
            Self::Opening => "openings",
            Self::Grant => "grants",
            Self::Gate => "gates",
            Self::PathTenant => "tenants in paths",
            Self::TenantMode => "tenant modes",
            Self::Technique => "techniques",
            Self::Endpoint => "endpoints",
            Self::Reason => "reasons",
        }
    }
}

/// One rule of a policy that decides some request.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct PolicyRule {
    /// The kind of rule.
    pub kind: RuleKind,
    /// The rule, in words.
    pub text: String,
    /// Its path in the policy; empty for a reason.
    pub place: String,
}
