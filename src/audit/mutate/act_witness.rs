//! The simplest act of administration that a mutant answers differently, as a case
//! of a suite.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;

use crate::audit::authority::{AdministrativeAct, AuthorityChange, ScopePair, answer, changes};
use crate::audit::axes::Axes;
use crate::audit::suite::Suite;
use crate::directory::Refusal;
use crate::id::{ProfileId, TenantId};
use crate::policy::Policy;
use crate::scope::ScopeLevel;

/// An act with another answer in a mutant. The account that acts has root scope.
#[derive(Debug)]
pub(super) struct ActWitness {
    act: AdministrativeAct,
    actor: String,
    other: String,
    /// Whether the other account has tenant scope; else it has root scope.
    is_tenant: bool,
    /// The code of the refusal by the policy, if it refuses.
    refused: Option<&'static str>,
}

/// An act of a root user that a mutant answers differently. If any act differs,
/// such an act does: two root users show whether a profile is above another,
/// and a root user and a tenant user with the same profile show whether it is
/// administrative.
pub(super) fn act_difference(
    policy: &Arc<Policy>,
    mutant: &Arc<Policy>,
    axes: &Axes,
) -> Option<ActWitness> {
    let changes = changes(policy, mutant, axes.profiles());
    let mut found = changes.iter().flat_map(AuthorityChange::iter);
    let is_simple = |(_, _, act, scopes): &(usize, usize, AdministrativeAct, ScopePair)| {
        let is_at = scopes.actor == ScopeLevel::Root && scopes.other != ScopeLevel::Partner;
        is_at && *act != AdministrativeAct::Grant
    };
    let (actor, other, act, scopes) = found.find(is_simple)?;
    let name = |place: usize| axes.profiles().get(place);
    let (actor, other) = (name(actor)?, name(other)?);
    Some(ActWitness {
        act,
        is_tenant: scopes.other == ScopeLevel::Tenant,
        refused: answer(policy, act, (actor, other), scopes)?
            .err()
            .map(|refusal: Refusal| refusal.code()),
        actor: ProfileId::to_string(actor),
        other: ProfileId::to_string(other),
    })
}

impl ActWitness {
    /// A case for the first suite that has the tenant it needs, otherwise a
    /// whole suite.
    pub(super) fn case(&self, text: &str, suites: &[Suite]) -> (String, Option<usize>) {
        for (place, suite) in suites.iter().enumerate() {
            let tenant = suite.tenancy().tenants().next().map(TenantId::as_str);
            if !self.is_tenant || tenant.is_some() {
                let case = self.written(text, tenant.unwrap_or_default());
                return (case, Some(place));
            }
        }
        let case = self.written(text, "own");
        let suite = format!(
            "version: 1\nsuite: what no other suite notices\nnow: 0\nreleases: every release\n\
             tenants: [own]\ncases:\n{case}"
        );
        (suite, None)
    }

    fn written(&self, text: &str, tenant: &str) -> String {
        let other = if self.is_tenant {
            format!(
                "{{ scope: tenant, tenant: \"{tenant}\", profile: {} }}",
                self.other
            )
        } else {
            format!("{{ scope: root, profile: {} }}", self.other)
        };
        let actor = format!("{{ scope: root, profile: {} }}", self.actor);
        let (act, to, access) = match self.act {
            AdministrativeAct::RevokeKeys | AdministrativeAct::Edit => {
                (self.act, other, String::new())
            }
            AdministrativeAct::Grant | AdministrativeAct::GrantItself => {
                let access = format!("    access: {other}\n");
                (AdministrativeAct::Grant, actor.clone(), access)
            }
        };
        let may = act.as_str();
        let expected = self.refused.unwrap_or("allow");
        format!(
            "  - name: \"detects: {text}\"\n    as: {actor}\n    may: {may}\n    to: {to}\n\
             {access}    expect: {expected}\n"
        )
    }
}
