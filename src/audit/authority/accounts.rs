//! Made-up accounts, to which the rules of administration are applied.

use alloc::vec::Vec;

use crate::account::{Account, AccountKind};
use crate::audit::authority::authorities::{AdministrativeAct, Authorities, ScopePair};
use crate::directory::{Administration, Refusal};
use crate::engine::Engine;
use crate::id::{GroupId, ProfileId, TenantId};
use crate::scope::{Scope, ScopeLevel};
use crate::tenancy::Tenancy;

/// The tenant of an actor with tenant scope. The group of a partner who acts has
/// only this one.
const OWN: &str = "own";
/// A tenant and a group outside the tenancy of every actor but root.
const FOREIGN: &str = "foreign";

/// The rules of an engine, with a tenancy for accounts at every pair of scopes.
///
/// All names are well-formed. If one were not, its accounts would not exist, and
/// nothing would be allowed to them.
#[derive(Debug)]
pub(super) struct Accounts<'e> {
    engine: &'e Engine,
    tenancy: Tenancy,
}

impl<'e> Accounts<'e> {
    pub(super) fn new(engine: &'e Engine) -> Self {
        let names = [OWN, FOREIGN].into_iter();
        let tenants = names
            .clone()
            .filter_map(|name| name.parse::<TenantId>().ok());
        let groups = names.filter_map(|name| {
            let members = Vec::from([name.parse::<TenantId>().ok()?]);
            Some((name.parse::<GroupId>().ok()?, members))
        });
        Self {
            engine,
            tenancy: Tenancy::new(tenants, groups).unwrap_or_default(),
        }
    }

    fn rules(&self) -> Administration<'_> {
        Administration::new(self.engine, &self.tenancy)
    }

    /// What an account of one profile may do to one of another. `targets` are those
    /// of the first: see [`Accounts::targets`].
    pub(super) fn between(
        &self,
        actor: &ProfileId,
        other: &ProfileId,
        targets: &[Option<Account>; 3],
    ) -> Authorities {
        let mut allowed = Authorities::default();
        for scopes in ScopePair::ALL {
            let at = ScopeLevel::ALL.iter().zip(targets);
            let target = at
                .filter(|(level, _)| **level == scopes.actor)
                .find_map(|(_, target)| target.as_ref());
            for act in AdministrativeAct::ALL {
                let has_target = act != AdministrativeAct::Grant || target.is_some();
                let answer = self.answer(act, actor, other, scopes, target);
                if has_target && answer.is_some_and(|answer| answer.is_ok()) {
                    allowed.insert(act, scopes);
                }
            }
        }
        allowed
    }

    /// The answer to one act. Access is granted to `target`, or to the actor.
    pub(super) fn answer(
        &self,
        act: AdministrativeAct,
        actor: &ProfileId,
        other: &ProfileId,
        scopes: ScopePair,
        target: Option<&Account>,
    ) -> Option<Result<(), Refusal>> {
        let own = account("actor", scope(scopes.actor, true), actor)?;
        let another = account("other", scope(scopes.other, scopes.is_inside), other)?;
        let granted = another.scope.as_ref()?;
        let rules = self.rules();
        Some(match act {
            AdministrativeAct::RevokeKeys => rules.may_manage_keys(&own, Some(&another)),
            AdministrativeAct::Edit => rules.may_edit(&own, Some(&another)),
            AdministrativeAct::Grant => {
                rules.may_grant(&own, Some(target.unwrap_or(&own)), granted, other)
            }
            AdministrativeAct::GrantItself => rules.may_grant(&own, Some(&own), granted, other),
        })
    }

    /// For each scope of an actor, in the order of [`ScopeLevel::ALL`]: an account
    /// that the actor may edit, if there is one.
    pub(super) fn targets(&self, actor: &ProfileId, others: &[&ProfileId]) -> [Option<Account>; 3] {
        ScopeLevel::ALL.map(|level| {
            let own = account("actor", scope(level, true), actor)?;
            // If the actor is not administrative, no other profile helps.
            if !self.rules().is_administrative(&own) {
                return None;
            }
            let mut accounts = others.iter().flat_map(|other| {
                let at = ScopePair::ALL.into_iter();
                at.filter(|scopes| scopes.actor == level)
                    .filter_map(|scopes| {
                        account("other", scope(scopes.other, scopes.is_inside), other)
                    })
            });
            accounts.find(|another| self.rules().may_edit(&own, Some(another)).is_ok())
        })
    }
}

fn scope(level: ScopeLevel, is_inside: bool) -> Option<Scope> {
    let name = if is_inside { OWN } else { FOREIGN };
    Some(match level {
        ScopeLevel::Root => Scope::Root,
        ScopeLevel::Partner => Scope::Partner(name.parse().ok()?),
        ScopeLevel::Tenant => Scope::Tenant(name.parse().ok()?),
    })
}

fn account(user: &str, scope: Option<Scope>, profile: &ProfileId) -> Option<Account> {
    Some(Account {
        user: user.parse().ok()?,
        kind: AccountKind::Local,
        enabled: true,
        scope: Some(scope?),
        profile: profile.clone(),
    })
}
