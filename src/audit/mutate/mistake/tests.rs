//! Which mistakes a policy may refuse.

use alloc::sync::Arc;

use super::*;
use crate::audit::coverage::{Coverage, RuleKind};
use crate::audit::mutate::most::most;
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

/// Each rule of coverage has a mutant that breaks it, at the same path in the
/// document, or is one of the exceptions that the page on suites names.
#[test]
fn every_rule_of_coverage_has_a_mutant_or_a_reason() {
    let mut without = Vec::new();
    for text in [POLICY, crate::EMBEDDED_POLICY] {
        let policy = Arc::new(Policy::from_yaml(text).unwrap());
        let places: Set<String> = mistakes(&policy)
            .iter()
            .map(|mistake| mistake.in_words(&policy).1)
            .collect();
        for rule in Coverage::of(&policy).rules() {
            if places.contains(&rule.place) {
                continue;
            }
            let text = rule.text.as_str();
            let has_reason = match rule.kind {
                // Documents do not define reasons.
                RuleKind::Reason => rule.place.is_empty(),
                // Which privileges a profile holds is in its grants, which have mutants.
                RuleKind::Administration => rule.place.starts_with("profiles."),
                // A release that lets everybody in can only be closed.
                RuleKind::Gate => text.ends_with("lets everybody in"),
                // A release that accepts both techniques can only lose one.
                RuleKind::Technique => text.contains(" takes "),
                // No mode is looser than `none`.
                RuleKind::TenantMode => text.ends_with(" is none"),
                // A method that requires no privilege can only be made to
                // require one.
                RuleKind::Endpoint => text.ends_with(" needs no privilege"),
                RuleKind::Restriction
                | RuleKind::Opening
                | RuleKind::Grant
                | RuleKind::PathTenant => false,
            };
            assert!(has_reason, "{rule:?}");
            if !without.contains(&rule.kind) {
                without.push(rule.kind);
            }
        }
    }
    // Every exception is used.
    assert_eq!(without.len(), 6, "{without:?}");
}

#[test]
fn the_most_mistakes_are_not_fewer_than_there_are() {
    for text in [POLICY, crate::EMBEDDED_POLICY] {
        let policy = Policy::from_yaml(text).unwrap();
        let made = mistakes(&policy).len();
        assert!(made <= most(&policy), "{made}");
        assert!(most(&policy) < made * 4, "{made} {}", most(&policy));
    }
}
