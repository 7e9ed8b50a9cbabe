//! Which mistakes a policy may refuse.

use super::*;
use crate::document::policy::read_policy;
use crate::policy::canonical;

/// This policy has everything for which a mistake can be refused: inheritance,
/// a table with an open endpoint beneath a row, and all tenant modes.
const POLICY: &str = "\
version: 1
base_path: /api
privileges: [a.see, a.do]
profiles:
  super_admin: { builtin: true, all: true }
  one: { grants: [a.see] }
  two: { inherits: [one], grants: [a.do] }
endpoints:
  - { path: /token, methods: { POST: null }, tenant: none, exchange: true }
  - { path: /a, methods: { GET: a.see, POST: a.do }, tenant: { GET: scoped, POST: platform } }
  - { path: '/a/{id}', methods: { GET: a.see } }
  - { path: '/c/[d|e]', methods: { GET: a.see } }
releases:
  1.0.0: { access: super_root_only, techniques: [basic] }
  2.0.0: { access: early_access, techniques: [token], restricted: [/a], open_beneath: ['/a/{id}'] }
  3.0.0: { access: scoped, restricted: ['/c/[d|e]'] }
";

#[test]
fn only_what_may_be_refused_is_refused() {
    let mut refused = Vec::new();
    for text in [POLICY, crate::EMBEDDED_POLICY] {
        let policy = Policy::from_yaml(text).unwrap();
        for mistake in mistakes(&policy) {
            let changed = mistake.apply(policy.document()).unwrap();
            let loads = read_policy(canonical::yaml(&changed).as_bytes()).is_ok();
            assert!(loads || mistake.may_be_refused(), "{mistake:?}");
            refused.extend((!loads).then(|| mistake.in_words(&policy).0));
        }
    }
    for text in [
        "one inherits from two as well",
        "2.0.0 no longer restricts /a",
        "3.0.0 restricts /a as well",
        "5.5.0 no longer restricts /incidents/{id}/observables",
    ] {
        assert!(
            refused.iter().any(|refused| refused == text),
            "{refused:#?}"
        );
    }
}
