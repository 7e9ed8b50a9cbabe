//! Invariants are compared with every cell: how many cells break one, and which of
//! them is the simplest. What they mean is compared with the reference in
//! `tests/model/invariants.rs`.

use std::collections::BTreeMap;
use std::sync::Arc;

use portcullis::audit::{
    CheckedInvariant, Circumstance, InvariantChange, InvariantEffect, Invariants, Lint, Listing,
    Matrix,
};
use portcullis::scope::ScopeLevel;
use portcullis::{EMBEDDED_POLICY, Policy, Release};
use proptest::prelude::*;

use crate::brute::places;
use crate::worlds::{self, Caller, Dice, Invariant, Named, Names, Size, worlds};

const POLICY: &str = r#"version: 1
privileges: [a.view, a.edit, b.view]
profiles:
  super_admin: { builtin: true, all: true }
  user: { builtin: true, grants: [a.view] }
  editor: { inherits: [user], grants: [a.edit] }
  other: { grants: [b.view] }
endpoints:
  - path: /health
    methods: { GET: public }
    tenant: none
  - path: /a
    methods: { GET: a.view, PUT: a.edit }
  - path: /a/{id}
    methods: { GET: a.view, DELETE: a.edit }
  - path: "/{name}/[tags|notes]/all"
    methods: { GET: b.view }
  - path: /tenants/{id}
    methods: { GET: a.view }
    tenant_parameter: { path: id }
releases:
  "1.0.0": { access: super_root_only }
  "1.1.0": { access: early_access, restricted: [] }
  "2.0.0": { access: scoped, restricted: [], techniques: [token] }
"#;

/// The example policy with these invariants.
fn with(invariants: &str) -> Arc<Policy> {
    let text = format!("{POLICY}invariants:\n{invariants}");
    Arc::new(Policy::from_yaml(&text).unwrap_or_else(|faults| panic!("{faults}\n{text}")))
}

/// What is found out about the only invariant.
fn checked(statement: &str) -> CheckedInvariant {
    let invariants = Invariants::of(&with(&format!("  i:\n    {statement}\n")));
    let [own] = invariants.all() else {
        panic!("{invariants:?}")
    };
    own.clone()
}

/// The simplest request that breaks it, in words.
fn example(statement: &str) -> String {
    let checked = checked(statement);
    let Some(example) = &checked.counterexample else {
        assert!(checked.holds());
        return "holds".to_string();
    };
    let caller = example.caller.as_ref();
    let caller = caller.map_or_else(
        || "anybody".to_string(),
        |(profile, scope)| format!("{profile}@{scope}"),
    );
    let (row, circumstance) = (&example.row, example.circumstance);
    let path = example.path.as_deref().unwrap_or(row.sample());
    format!(
        "{} {caller} {} {} {path} {}",
        example.deployment.release(),
        circumstance.presentation().as_str(),
        row.method(),
        example.outcome.code()
    )
}

#[test]
fn the_simplest_request_that_breaks_an_invariant_is_found() {
    for (statement, expected) in [
        (
            "never: { scope: tenant, endpoint: /a, method: DELETE }",
            "holds",
        ),
        (
            "never: { scope: tenant, endpoint: /a }",
            "1.1.0 super_admin@tenant token GET /a allow",
        ),
        // Only scoped keys, so only where they are switched on.
        (
            "{ releases: \"1.1.0\", never: { profile: user, endpoint: /a } }",
            "1.1.0 user@root token GET /a allow",
        ),
        (
            "{ releases: \"1.0.0\", only: { profile: super_admin, scope: root } }",
            "1.0.0 super_admin@partner token GET /health public",
        ),
        (
            "{ releases: \"1.0.0\", never: { profile: user, endpoint: [/a, \"/a/{id}\"] } }",
            "holds",
        ),
        (
            "never: { profile: editor, method: DELETE }",
            "1.1.0 editor@root token DELETE /a/any allow",
        ),
        // The exact template and what is beneath it are two things.
        (
            "{ only: { profile: super_admin }, may: { endpoint: /a, method: PUT } }",
            "1.1.0 editor@root token PUT /a allow",
        ),
        (
            "{ only: { profile: [super_admin, user, editor] }, may: { endpoint: \"/a/{id}\" } }",
            "holds",
        ),
        (
            "{ only: { profile: [super_admin, user, editor] }, may: { beneath: /a } }",
            "1.1.0 other@root token GET /a/tags/all allow",
        ),
        (
            "never: { credential: key_by_bearer, endpoint: /a }",
            "holds",
        ),
        // The value of a path parameter that names a tenant is inside the scope.
        (
            "never: { profile: user, endpoint: \"/tenants/{id}\" }",
            "1.1.0 user@root token GET /tenants/any allow",
        ),
        ("monotone: inherits", "holds"),
        ("monotone: [user, editor, super_admin]", "holds"),
        (
            "monotone: [user, other]",
            "1.1.0 other@root token GET /a privilege_missing",
        ),
        // Cells of a public endpoint have a caller, and so has this selection.
        ("never: { account: sso, endpoint: /a }", "holds"),
        (
            "never: { account: sso }",
            "1.0.0 super_admin@root token GET /health public",
        ),
    ] {
        assert_eq!(example(statement), expected, "{statement}");
    }
}

#[test]
fn everybody_may_call_a_public_endpoint_also_without_a_credential() {
    let all = "only: { scope: [root, partner, tenant] }";
    let broken = format!("{{ {all}, may: {{ endpoint: /health }} }}");
    assert_eq!(example(&broken), "1.0.0 anybody token GET /health public");
    // One stranger for each deployment: early access has two.
    assert_eq!(checked(&broken).broken_cells, 4);
    let inside = format!("{{ {all}, may: {{ endpoint: /health, scope: root }} }}");
    assert_eq!(example(&inside), "holds");
    assert_eq!(
        example("{ only: { endpoint: /health }, may: { endpoint: /health } }"),
        "holds"
    );
}

#[test]
fn a_counterexample_names_the_places_that_settle_it() {
    let checked = checked("never: { profile: editor, endpoint: /a, method: GET }");
    assert_eq!(checked.place, "invariants.i.never");
    assert_eq!(
        checked.statement,
        "never: { profile: editor, method: GET, endpoint: /a }"
    );
    let places = checked.counterexample.unwrap().places;
    assert_eq!(
        places,
        [
            "releases.\"1.1.0\".restricted",
            "endpoints[1].methods.GET",
            "profiles.user.grants[0]",
        ]
    );
}

#[test]
fn an_invariant_about_no_request_is_a_lint() {
    let policy = with(
        "  idle:\n    never: { endpoint: /a, method: DELETE }\n  \
         busy:\n    never: { endpoint: \"/a/{id}\", method: DELETE, profile: user }\n",
    );
    let lints = Lint::all(&policy, None);
    let idle: Vec<&str> = lints
        .iter()
        .filter(|lint| lint.code.code == "idle_invariant")
        .map(|lint| lint.place.as_str())
        .collect();
    assert_eq!(idle, ["invariants.idle.never"]);
    assert!(Invariants::of(&policy).hold());
}

#[test]
fn invariants_are_no_part_of_the_meaning() {
    let plain = Policy::from_yaml(POLICY).unwrap();
    let policy = with("  i:\n    why: a reason\n    never: { scope: tenant }\n");
    assert_eq!(policy.digest(), plain.digest());
    assert!(!Invariants::of(&policy).hold());
    assert!(Invariants::of(&Arc::new(plain)).hold());
    assert!(
        policy.to_yaml().ends_with(
            "invariants:\n  i:\n    why: \"a reason\"\n    never:\n      scope: tenant\n"
        )
    );
}

#[test]
fn the_invariants_of_the_embedded_policy_hold_and_can_break() {
    let policy = Arc::new(Policy::embedded().unwrap());
    let invariants = Invariants::of(&policy);
    assert!(invariants.all().len() > 10);
    for checked in invariants.all() {
        assert!(checked.holds() && checked.concerns_any, "{checked:?}");
        assert!(
            checked.why.is_some() && checked.source.is_some(),
            "{}",
            checked.name
        );
    }
    // Each row of the tables has an invariant: without it, one is broken.
    let rows: Vec<&str> = EMBEDDED_POLICY
        .lines()
        .filter(|line| line.starts_with("      - "))
        .collect();
    let mut broken = 0;
    for row in rows {
        let one = format!("{row}\n");
        let text = EMBEDDED_POLICY.replace(&one, "");
        // What is beneath another row cannot go alone.
        if let Ok(policy) = Policy::from_yaml(&text) {
            assert!(!Invariants::of(&Arc::new(policy)).hold(), "{row}");
            broken += 1;
        }
    }
    assert!(broken > 30, "only {broken}");
}

#[test]
fn a_change_says_whether_an_invariant_demands_less() {
    let effect = |before: &str, after: &str| {
        let [before, after] =
            [before, after].map(|own| with(&format!("  other:\n    monotone: inherits\n{own}")));
        let changes = InvariantChange::between(&before, &after);
        match changes.as_slice() {
            [] => None,
            [change] => Some(change.effect),
            _ => panic!("{changes:?}"),
        }
    };
    let i = |text: &str| format!("  i:\n    {text}\n");
    for (before, after, expected) in [
        (
            "never: { scope: tenant }",
            "never: { scope: [tenant] }",
            None,
        ),
        (
            "never: { scope: tenant }",
            "never: { scope: [tenant, partner] }",
            Some(InvariantEffect::Stronger),
        ),
        (
            "never: { scope: tenant }",
            "never: { scope: tenant, endpoint: /a }",
            Some(InvariantEffect::Weaker),
        ),
        (
            "never: { endpoint: [/a, /health] }",
            "never: { endpoint: /a }",
            Some(InvariantEffect::Weaker),
        ),
        (
            "never: { endpoint: /a }",
            "never: { beneath: /a }",
            Some(InvariantEffect::Different),
        ),
        (
            "{ only: { scope: root }, may: { endpoint: /a } }",
            "{ only: { scope: [root, tenant] }, may: { endpoint: /a } }",
            Some(InvariantEffect::Weaker),
        ),
        (
            "{ only: { scope: root }, may: { endpoint: /a } }",
            "only: { scope: root }",
            Some(InvariantEffect::Stronger),
        ),
        (
            "never: { scope: tenant }",
            "{ never: { scope: tenant }, releases: \"2.0.0\" }",
            Some(InvariantEffect::Weaker),
        ),
        (
            "monotone: [user, editor, super_admin]",
            "monotone: [user, super_admin]",
            Some(InvariantEffect::Weaker),
        ),
        (
            "monotone: [user, editor]",
            "monotone: [editor, user]",
            Some(InvariantEffect::Different),
        ),
        (
            "monotone: inherits",
            "never: { scope: root }",
            Some(InvariantEffect::Different),
        ),
    ] {
        assert_eq!(effect(&i(before), &i(after)), expected, "{before} {after}");
    }
    let one = i("never: { scope: tenant }");
    assert_eq!(effect(&one, ""), Some(InvariantEffect::Removed));
    assert_eq!(effect("", &one), Some(InvariantEffect::Added));
    // A reason is no statement.
    let reason = i("{ why: because, never: { scope: tenant } }");
    assert_eq!(effect(&one, &reason), None);
}

/// The names of a cell.
fn named(matrix: &Matrix, sheet: usize, row: usize, caller: Option<Caller>) -> Named {
    let own = &matrix.axes().rows()[row];
    Named {
        release: matrix.sheets()[sheet].deployment().release().to_string(),
        caller,
        method: own.method().to_string(),
        template: own.template().to_string(),
    }
}

fn caller(matrix: &Matrix, profile: usize, scope: ScopeLevel, cell: Circumstance) -> Caller {
    let legacy = if cell.key().as_str() == "legacy" {
        "legacy_"
    } else {
        ""
    };
    Caller {
        profile: matrix.axes().profiles()[profile].to_string(),
        scope: scope.to_string(),
        account: cell.account().as_str().to_string(),
        credential: format!("{legacy}{}", cell.presentation().as_str()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Without `beneath`, which the reference checks.
    #[test]
    fn the_cells_that_break_random_invariants_are_counted(
        world in worlds(Size::SMALL),
        seed in any::<u64>(),
    ) {
        let yaml = world.yaml();
        let plain = Arc::new(Policy::from_yaml(&yaml).unwrap());
        let matrix = Matrix::of(&plain);
        let rows = matrix.axes().rows().iter();
        let names = Names {
            releases: plain.releases().map(|own| own.to_string()).collect(),
            profiles: plain.profiles().map(ToString::to_string).collect(),
            calls: rows.map(|row| (row.method().to_string(), row.template().to_string())).collect(),
        };
        let mut dice = Dice::new(seed);
        let invariants: Vec<Invariant> = (0..60)
            .map(|_| Invariant::new(&mut dice, &names))
            .filter(|own| !own.yaml("i").contains("beneath"))
            .collect();
        let listed: Vec<String> = (0..)
            .zip(&invariants)
            .map(|(number, own)| own.yaml(&format!("i{number}")))
            .collect();
        let text = format!("{yaml}invariants:\n{}", listed.concat());
        let checked = Invariants::of(&Arc::new(Policy::from_yaml(&text).unwrap()));

        // Every cell that is allowed, with its names.
        let mut allowed = Vec::new();
        for (number, sheet) in matrix.sheets().iter().enumerate() {
            for (row, profile, scope, cell) in places(matrix.axes()) {
                let is_itself = matches!(sheet.listing(row), Some(Listing::Itself(_)));
                if is_itself && sheet.outcome(row, profile, scope, cell).unwrap().is_allowed() {
                    let own = named(&matrix, number, row, Some(caller(&matrix, profile, scope, cell)));
                    allowed.push((own, (cell, number, row, profile, scope)));
                }
            }
        }
        for (invariant, checked) in invariants.iter().zip(checked.all()) {
            let mut cells = 0;
            let mut simplest = None;
            for (own, place) in &allowed {
                let (cell, number, row, _, scope) = *place;
                let sheet = &matrix.sheets()[number];
                let is_allowed = |other: &Named| {
                    let name = &other.caller.as_ref().unwrap().profile;
                    let mut profiles = matrix.axes().profiles().iter();
                    let profile = profiles.position(|own| own.as_str() == name).unwrap();
                    sheet.outcome(row, profile, scope, cell).unwrap().is_allowed()
                };
                if invariant.is_broken_by(own, &|_, _| unreachable!(), &is_allowed) {
                    cells += 1;
                    let order = (cell, number, row);
                    if simplest.is_none_or(|best| order < best) {
                        simplest = Some(order);
                    }
                }
            }
            let mut strangers = 0;
            for (number, sheet) in matrix.sheets().iter().enumerate() {
                for row in 0..matrix.axes().rows().len() {
                    let own = named(&matrix, number, row, None);
                    let breaks = || invariant.is_broken_by(&own, &|_, _| unreachable!(), &|_| false);
                    strangers += u64::from(sheet.is_public(row) && breaks());
                }
            }
            if let worlds::Statement::Never(_) = &invariant.statement {
                // Whoever may call without a credential may call with each of them.
                strangers = 0;
            } else if let worlds::Statement::Only(only, may) = &invariant.statement {
                // A stranger is a cell of its own if the callers alone decide.
                let callers = ["profile", "scope", "account", "credential"];
                let about = |own: &worlds::Selection| callers.iter().any(|name| own.lists(name));
                if !about(only) || may.as_ref().is_some_and(about) {
                    strangers = 0;
                }
            }
            prop_assert_eq!(checked.broken_cells, cells + strangers, "{}\n{}", checked.statement, text);
            let found = checked.counterexample.as_ref().filter(|own| own.caller.is_some());
            let found = found.map(|own| (own.circumstance, own.deployment, own.row.clone()));
            let expected = simplest.map(|(cell, number, row)| {
                (cell, matrix.sheets()[number].deployment(), matrix.axes().rows()[row].clone())
            });
            prop_assert_eq!(found, expected, "{}\n{}", checked.statement, text);
        }
    }
}

#[test]
fn many_invariants_of_a_large_policy_are_checked_in_seconds() {
    let privileges: Vec<String> = (0..50).map(|number| format!("p{number}.use")).collect();
    let mut text = format!(
        "version: 1\nprivileges: [{}]\nprofiles:\n  super_admin: {{ builtin: true, all: true }}\n",
        privileges.join(", ")
    );
    for number in 0..100 {
        let grants = &privileges[..number % 50];
        text += &format!("  c{number}: {{ grants: [{}] }}\n", grants.join(", "));
    }
    text += "endpoints:\n";
    for number in 0..10_000 {
        let privilege = &privileges[number % 50];
        text += &format!("  - path: /e{number}/x\n    methods: {{ GET: {privilege} }}\n");
    }
    text += "releases:\n";
    for number in 0..10 {
        text += &format!("  \"1.{number}.0\": {{ access: scoped, restricted: [] }}\n");
    }
    let chain: Vec<String> = (0..50).map(|number| format!("c{number}")).collect();
    text += &format!(
        "invariants:\n  chain: {{ monotone: [{}] }}\n",
        chain.join(", ")
    );
    for number in 0..10 {
        text +=
            &format!("  i{number}: {{ never: {{ profile: c{number}, beneath: /e{number} }} }}\n");
        text += &format!("  o{number}: {{ only: {{ scope: root, profile: c{number} }} }}\n");
    }
    let policy = Arc::new(Policy::from_yaml(&text).unwrap());
    let begin = std::time::Instant::now();
    let invariants = Invariants::of(&policy);
    let passed = begin.elapsed();
    let broken: BTreeMap<&str, u64> = invariants
        .broken()
        .map(|own| (own.name.as_str(), own.broken_cells))
        .collect();
    assert_eq!(broken.len(), 10, "{broken:?}");
    assert!(!broken.contains_key("chain") && broken.values().all(|cells| *cells > 1_000_000));
    // Without optimization, beside other work.
    assert!(passed.as_secs() < 60, "{passed:?}");
}

/// Endpoints whose templates do not begin with `/f/one` and the like, but that serve
/// paths beneath them. Each of them has a method of its own.
const CROSSING: &str = r#"version: 1
privileges: [a.view]
profiles:
  super_admin: { builtin: true, all: true }
  user: { builtin: true, grants: [a.view] }
endpoints:
  - { path: /f/one/two, methods: { GET: a.view } }
  - { path: /g/one, methods: { GET: a.view } }
  - { path: "/f/{x}/deep", methods: { GET: a.view } }
  - { path: "/p/v{x}/deep", methods: { GET: a.view } }
  - { path: "/p/v1/deep", methods: { GET: a.view } }
  - { path: "/p/{x}/deep", methods: { GET: a.view } }
  - { path: "/f/{rest...}", methods: { PUT: a.view } }
  - { path: "/p/v{n}/end", methods: { POST: a.view } }
  - { path: "/{a}/w{n}", methods: { PATCH: a.view } }
  - { path: "/{a}/s/", methods: { DELETE: a.view } }
  - { path: "/{any...}", methods: { HEAD: a.view } }
releases:
  "2.0.0": { access: scoped, restricted: [] }
"#;

#[test]
fn what_crosses_a_path_is_beneath_it_with_a_path_as_an_example() {
    let path = |beneath: &str, method: &str| {
        let text = format!(
            "{CROSSING}invariants:\n  i:\n    never: {{ profile: user, method: {method}, beneath: \"{beneath}\" }}\n"
        );
        let policy = Policy::from_yaml(&text).unwrap_or_else(|faults| panic!("{faults}\n{text}"));
        let invariants = Invariants::of(&Arc::new(policy));
        let example = invariants.all()[0].counterexample.clone();
        example.map(|example| {
            example
                .path
                .unwrap_or_else(|| example.row.sample().to_owned())
        })
    };
    for (beneath, method, expected) in [
        ("/f/one", "PUT", Some("/f/one/any")),
        ("/f/{x}", "PUT", Some("/f/any/any")),
        ("/p/{x}", "POST", Some("/p/vany/end")),
        ("/p/v1", "POST", Some("/p/v1/end")),
        ("/p/v{x}", "POST", Some("/p/vany/end")),
        ("/g", "PATCH", Some("/g/wany")),
        ("/p", "DELETE", Some("/p/s/")),
        ("/p/v{x}", "HEAD", Some("/p/vany/any")),
        // A path of one of them is never beneath the other.
        ("/f/one", "POST", None),
        ("/p/v1", "DELETE", None),
    ] {
        let found = path(beneath, method);
        assert_eq!(found.as_deref(), expected, "{method} {beneath}");
    }
}

#[test]
fn invariants_are_checked_in_some_releases_only() {
    let policy = with("  i:\n    never: { scope: tenant, endpoint: /a }\n");
    let release = |text: &str| text.parse::<Release>().unwrap();
    let broken = |releases: &[Release]| {
        let invariants = Invariants::of_releases(&policy, releases).unwrap();
        invariants.all()[0].broken_cells
    };
    let all = ["1.0.0", "1.1.0", "2.0.0"].map(release);
    let each = all.map(|release| broken(&[release]));
    assert!(each[1] > 0 && each[2] > 0, "{each:?}");
    assert_eq!(broken(&[]), 0);
    assert_eq!(broken(&all), each.iter().sum::<u64>());
    let whole = Invariants::of(&policy);
    assert_eq!(whole.all()[0].broken_cells, broken(&all));
    let error = Invariants::of_releases(&policy, &[all[0], release("9.0.0")]).unwrap_err();
    assert_eq!(error.release, release("9.0.0"));
}

#[test]
fn the_words_of_effects_on_invariants_are_stable() {
    let words = [
        (InvariantEffect::Removed, "removed"),
        (InvariantEffect::Weaker, "weaker"),
        (InvariantEffect::Different, "different"),
        (InvariantEffect::Stronger, "stronger"),
        (InvariantEffect::Added, "added"),
    ];
    for (effect, word) in words {
        assert_eq!(effect.as_str(), word);
    }
}
