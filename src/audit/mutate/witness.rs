//! The simplest request that a mutant decides differently, as a case of a suite.

use alloc::format;
use alloc::string::{String, ToString};

use crate::account::AccountKind;
use crate::audit::cell::{Circumstance, Extent, Outcome, Presentation, Relation};
use crate::audit::matrix::{Matrix, Sheet};
use crate::audit::suite::Suite;
use crate::id::{GroupId, TenantId};
use crate::key::KeyKind;
use crate::release::WITH_SCOPED_KEYS;
use crate::scope::ScopeLevel;
use crate::tenancy::{Tenancy, TenantSet};

/// A cell with another outcome in a mutant.
#[derive(Debug)]
pub(super) struct Witness {
    release: String,
    call: String,
    profile: String,
    scope: ScopeLevel,
    circumstance: Circumstance,
    /// The outcome in the policy.
    outcome: Outcome,
}

/// The simplest cell with another outcome in the mutant: circumstances are tried in
/// their order, beginning with a local account, a token of a scoped key, and no
/// tenant named.
///
/// `other` can have fewer releases. The other releases do not differ.
pub(super) fn difference(matrix: &Matrix, other: &Matrix) -> Option<Witness> {
    let axes = matrix.axes();
    let mut first: Option<(Circumstance, Witness)> = None;
    for sheet in matrix.sheets() {
        let Some(changed) = counterpart(sheet, other) else {
            continue;
        };
        for (row, listed) in axes.rows().iter().enumerate() {
            for (profile, name) in axes.profiles().iter().enumerate() {
                for scope in ScopeLevel::ALL {
                    let was = sheet.answers(row, profile, scope);
                    let is = changed.answers(row, profile, scope);
                    let both = was.zip(is).filter(|(was, is)| was != is);
                    let turned = both.and_then(|(was, is)| {
                        let mut cells = was.iter().zip(is.iter());
                        cells.find(|((_, was), (_, is))| tells_apart(*was, *is))
                    });
                    let Some(((circumstance, outcome), _)) = turned else {
                        continue;
                    };
                    if first
                        .as_ref()
                        .is_some_and(|(best, _)| *best <= circumstance)
                    {
                        continue;
                    }
                    let deployment = sheet.deployment();
                    let switched = if deployment.scoped_keys() {
                        WITH_SCOPED_KEYS
                    } else {
                        ""
                    };
                    let witness = Witness {
                        release: format!("{}{switched}", deployment.release()),
                        call: format!("{} {}", listed.method(), listed.template()),
                        profile: name.to_string(),
                        scope,
                        circumstance,
                        outcome,
                    };
                    first = Some((circumstance, witness));
                }
            }
        }
    }
    first.map(|(_, witness)| witness)
}

/// Whether a case that expects the first outcome fails if it is the second. A
/// public endpoint also has no tenant data, so such an allow does not fail.
fn tells_apart(was: Outcome, is: Outcome) -> bool {
    let (bare, public) = (
        Outcome::Allow(Extent::NotTenantData),
        Outcome::Allow(Extent::Public),
    );
    was != is && (was, is) != (bare, public)
}

/// The sheet of the same deployment, if the mutant has it. A mutant whose release
/// lost the switch has only the sheet with scoped keys off.
fn counterpart<'m>(sheet: &Sheet, other: &'m Matrix) -> Option<&'m Sheet> {
    let mut sheets = other.sheets().iter();
    sheets.find(|other| other.deployment() == sheet.deployment())
}

impl Witness {
    /// A case for the first suite that has the tenant and group it needs,
    /// otherwise a whole suite.
    pub(super) fn case(&self, text: &str, suites: &[Suite]) -> (String, Option<usize>) {
        for (place, suite) in suites.iter().enumerate() {
            if let Some((principal, tenant)) = self.people(suite.tenancy()) {
                return (self.written(text, &principal, &tenant), Some(place));
            }
        }
        let group = match self.circumstance.tenant() {
            Relation::EmptyGroup => "empty",
            Relation::NotNamed | Relation::Inside | Relation::Outside => "group",
        };
        let principal = self.principal(Some(group), Some("own"));
        let tenant = self.tenant(Some("own")).unwrap_or_default();
        let case = self.written(text, &principal, &tenant);
        let suite = format!(
            "version: 1\nsuite: what no other suite notices\nnow: 0\nreleases: \"{}\"\ntenants: [own]\n\
             groups: {{ group: [own], empty: [] }}\ncases:\n{case}",
            self.release
        );
        (suite, None)
    }

    /// The principal and the line for the tenant, with names of a suite, if it has
    /// the ones that are needed.
    fn people(&self, tenancy: &Tenancy) -> Option<(String, String)> {
        let wants_empty = self.circumstance.tenant() == Relation::EmptyGroup;
        let group = || {
            let mut groups = tenancy.groups();
            groups.find(|(_, tenants)| TenantSet::is_empty(tenants) == wants_empty)
        };
        let (group, inside) = match self.scope {
            ScopeLevel::Root => (None, tenancy.tenants().next()),
            ScopeLevel::Partner => {
                let (group, tenants) = group()?;
                (Some(group), tenants.iter().next())
            }
            ScopeLevel::Tenant => (None, Some(tenancy.tenants().next()?)),
        };
        let inside = inside.map(TenantId::as_str);
        Some((
            self.principal(group.map(GroupId::as_str), inside),
            self.tenant(inside)?,
        ))
    }

    fn principal(&self, group: Option<&str>, tenant: Option<&str>) -> String {
        let belongs = match self.scope {
            ScopeLevel::Root => String::new(),
            ScopeLevel::Partner => format!(" group: \"{}\",", group.unwrap_or_default()),
            ScopeLevel::Tenant => format!(" tenant: \"{}\",", tenant.unwrap_or_default()),
        };
        let account = match self.circumstance.account() {
            AccountKind::Local => "",
            AccountKind::Sso => ", account: sso",
        };
        format!(
            "{{ scope: {},{belongs} profile: {}{account} }}",
            self.scope, self.profile
        )
    }

    /// The line that names the tenant; empty if none is named.
    fn tenant(&self, inside: Option<&str>) -> Option<String> {
        Some(match self.circumstance.tenant() {
            Relation::NotNamed | Relation::EmptyGroup => String::new(),
            Relation::Inside => format!("    tenant: \"{}\"\n", inside?),
            Relation::Outside => "    tenant: unknown tenant\n".to_string(),
        })
    }

    fn written(&self, text: &str, principal: &str, tenant: &str) -> String {
        let credential = match (self.circumstance.key(), self.circumstance.presentation()) {
            (KeyKind::Scoped, Presentation::Token) => String::new(),
            (KeyKind::Scoped, other) => format!("    credential: {}\n", other.as_str()),
            (KeyKind::Legacy, other) => format!("    credential: legacy_{}\n", other.as_str()),
        };
        let expected = match self.outcome {
            Outcome::Allow(Extent::NotTenantData) => "{ allow: not_tenant_data }",
            Outcome::Allow(Extent::Public) => "{ allow: public }",
            // There is no expectation for more than the scope; the case would fail.
            Outcome::Allow(Extent::Tenant | Extent::Scope | Extent::Beyond) => "allow",
            Outcome::Deny(reason) => reason.code(),
        };
        let (release, call) = (&self.release, &self.call);
        format!(
            "  - name: \"detects: {text}\"\n    as: {principal}\n    releases: \"{release}\"\n    \
             call: \"{call}\"\n{tenant}{credential}    expect: {expected}\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use alloc::sync::Arc;
    use alloc::vec::Vec;

    use super::*;
    use crate::audit::coverage::Coverage;
    use crate::audit::suite::SuiteFilter;
    use crate::policy::Policy;

    const POLICY: &str = "\
version: 1
base_path: /api
privileges: [a.see]
profiles:
  super_admin: { builtin: true, all: true }
  one: { grants: [a.see] }
endpoints:
  - { path: /a, methods: { GET: a.see, POST: null, PUT: null }, tenant: { GET: scoped, POST: platform, PUT: none } }
releases:
  1.0.0: { access: early_access, restricted: [] }
";

    /// A suite with every tenant and group that a case can need.
    const SUITE: &str = "version: 1\nsuite: host\nnow: 5\nreleases: 1.0.0\ntenants: [here]\n\
                         groups: { none: [], some: [here] }\ncases:\n";

    /// All of today's mutants differ in the simplest circumstances. This test
    /// covers the others: for any cell, the written case evaluates exactly this
    /// cell, both as a whole suite and in another suite.
    #[test]
    fn a_case_can_be_written_for_every_cell() {
        let policy = Arc::new(Policy::from_yaml(POLICY).unwrap());
        let matrix = Matrix::of(&policy);
        let axes = matrix.axes();
        let host = SUITE.to_string()
            + "  - { name: host, as: { scope: root, profile: one }, call: GET /a, expect: allow }\n";
        let host = Suite::from_yaml(host, &policy, None).unwrap();
        let mut covered = [Coverage::of(&policy), Coverage::of(&policy)];
        for sheet in matrix.sheets() {
            for (row, listed) in axes.rows().iter().enumerate() {
                for (profile, name) in axes.profiles().iter().enumerate() {
                    for scope in ScopeLevel::ALL {
                        let answers = sheet.answers(row, profile, scope).unwrap();
                        for (circumstance, outcome) in answers.iter() {
                            let on = sheet.deployment().scoped_keys();
                            let switched = if on { " with scoped keys" } else { "" };
                            let witness = Witness {
                                release: format!("1.0.0{switched}"),
                                call: format!("{} {}", listed.method(), listed.template()),
                                profile: name.to_string(),
                                scope,
                                circumstance,
                                outcome,
                            };
                            let (alone, suite) = witness.case("it is so", &[]);
                            assert_eq!(suite, None);
                            let (case, suite) =
                                witness.case("it is so", core::slice::from_ref(&host));
                            assert_eq!(suite, Some(0));
                            let texts = [alone, SUITE.to_string() + &case];
                            for (text, covered) in texts.iter().zip(&mut covered) {
                                let suite = Suite::from_yaml(text, &policy, None)
                                    .unwrap_or_else(|faults| panic!("{faults}\n{text}"));
                                let before = covered.cells().0;
                                let report = covered.run(&suite, &SuiteFilter::default());
                                assert_eq!((report.requests(), report.failed()), (1, 0), "{text}");
                                let new = covered.cells().0 - before;
                                assert_eq!(new, 1, "another cell than {witness:?}:\n{text}");
                            }
                        }
                    }
                }
            }
        }
        let cells: Vec<(u64, u64)> = covered.iter().map(Coverage::cells).collect();
        assert_eq!(cells, [(matrix.cells(), matrix.cells()); 2]);
    }
}
