//! The tenants that users reach, by their scope and by what they may call.

use alloc::vec::Vec;

use crate::audit::axes::Row;
use crate::audit::cell::{Circumstances, Extent};
use crate::audit::change::Effect;
use crate::audit::impact::side::{Class, Side};
use crate::audit::matrix::Sheet;
use crate::id::TenantId;
use crate::scope::{Scope, ScopeLevel};
use crate::tenancy::Tenancy;
use crate::util::hash::Set;

/// Tenants whose data some users reach now and did not before, or the reverse.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct TenantChange {
    /// The tenants that came within reach, in the order of the second directory.
    pub gained: Vec<TenantId>,
    /// The tenants that fell out of reach, in the order of the first directory.
    pub lost: Vec<TenantId>,
    /// Whether answers are no longer confined to tenants
    /// ([`Effect::Widens`]: the users have root scope now), or are so now.
    pub unconfined: Option<Effect>,
}

impl TenantChange {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether something has this effect.
    pub fn has(&self, effect: Effect) -> bool {
        let is_listed = match effect {
            Effect::Widens => !self.gained.is_empty(),
            Effect::Narrows => !self.lost.is_empty(),
            Effect::Neither => false,
        };
        is_listed || self.unconfined == Some(effect)
    }
}

/// The tenants of a scope.
pub(crate) fn tenants_of<'t>(scope: Option<&'t Scope>, tenancy: &'t Tenancy) -> Vec<&'t TenantId> {
    match scope {
        None => Vec::new(),
        Some(Scope::Root) => tenancy.tenants().collect(),
        Some(Scope::Partner(group)) => tenancy
            .group(group)
            .map_or_else(Vec::new, |tenants| tenants.iter().collect()),
        Some(Scope::Tenant(tenant)) => Vec::from([tenant]),
    }
}

/// Whether two scopes have other tenants, or one of them is root.
pub(super) fn differ(sides: [&Side<'_>; 2], scopes: [Option<&Scope>; 2]) -> bool {
    let [before, after] = sides;
    let [was, is] = scopes;
    let is_root = |scope: Option<&Scope>| matches!(scope, Some(Scope::Root));
    let [left, right] = [(before, was), (after, is)].map(|(side, scope)| {
        let tenants = tenants_of(scope, side.directory.tenancy());
        tenants.into_iter().collect::<Set<&TenantId>>()
    });
    is_root(was) != is_root(is) || left != right
}

/// The tenants that users reach now and did not before, and the reverse.
pub(super) fn change(
    sides: [&Side<'_>; 2],
    sheets: [&Sheet; 2],
    classes: [&Class; 2],
    scopes: [Option<&Scope>; 2],
) -> TenantChange {
    let [left, right] = sides;
    let ([old, new], [was, is]) = (sheets, scopes);
    let [left_class, right_class] = classes;
    let before = reached(left, old, left_class, was);
    let after = reached(right, new, right_class, is);
    let without = |own: &Set<&TenantId>, other: &Set<&TenantId>| {
        let own = own.iter().filter(|tenant| !other.contains(*tenant));
        own.map(|tenant| (*tenant).clone()).collect()
    };
    TenantChange {
        gained: without(&after.0, &before.0),
        lost: without(&before.0, &after.0),
        unconfined: match (before.1, after.1) {
            (false, true) => Some(Effect::Widens),
            (true, false) => Some(Effect::Narrows),
            (false, false) | (true, true) => None,
        },
    }
}

/// The tenants whose data is reached at some row, and whether some answer is not
/// confined to tenants.
fn reached<'t>(
    side: &'t Side<'_>,
    sheet: &Sheet,
    class: &Class,
    scope: Option<&'t Scope>,
) -> (Set<&'t TenantId>, bool) {
    let tenants = tenants_of(scope, side.directory.tenancy());
    let is_root = matches!(class.column(), Some((_, ScopeLevel::Root)));
    let mut in_paths = Vec::new();
    let mut reaches_all = false;
    for (place, row) in sheet.axes().rows().iter().enumerate() {
        let ways: Circumstances = class.ways(sheet, place).circumstances();
        for way in ways.iter() {
            match class.extent(sheet, place, way) {
                Some(Extent::Scope | Extent::Beyond) => {
                    if is_root {
                        return (tenants.into_iter().collect(), true);
                    }
                    reaches_all = true;
                }
                Some(Extent::Tenant) if row.names_tenant_in_path() => in_paths.push(row),
                Some(Extent::Tenant) => reaches_all = true,
                Some(Extent::NotTenantData | Extent::Public) | None => {}
            }
        }
        if reaches_all && !is_root {
            break;
        }
    }
    let is_reached = |tenant: &&TenantId| {
        let can_name = |row: &&Row| row.check_tenant_path(side.policy, tenant.as_str()).is_ok();
        reaches_all || in_paths.iter().any(can_name)
    };
    (tenants.into_iter().filter(is_reached).collect(), false)
}
