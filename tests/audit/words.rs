//! The sentences of reports on people and on differences, each word for word.

use std::sync::Arc;

use portcullis::audit::view::people::{
    Detail, People, names, sentences, summary, tenancy_fact, user_fact,
};
use portcullis::audit::view::ranks::profiles_and_up;
use portcullis::audit::view::{difference, notes, words};
use portcullis::audit::{
    AdministrativeAct, Authority, Axes, Circumstance, Diff, DirectoryDiff, Effect, Effects, Impact,
    ImpactCounts, Note, Presentation, Relation, TenancyFact, UserFact,
};
use portcullis::directory::KeyStatus;
use portcullis::fault::Severity;
use portcullis::{
    Account, AccountKind, Directory, EMBEDDED_DIRECTORY, EMBEDDED_POLICY, KeyKind, Policy, Scope,
    UnixSeconds,
};

const NOW: UnixSeconds = UnixSeconds::new(1_764_000_000);

fn at(seconds: u64) -> UnixSeconds {
    UnixSeconds::new(seconds)
}

#[test]
fn each_fact_about_a_user_is_a_line() {
    let account = |kind, enabled, scope| Account {
        user: "ann".parse().unwrap(),
        kind,
        enabled,
        scope,
        profile: "user".parse().unwrap(),
    };
    let group = || Some(Scope::Partner("one".parse().unwrap()));
    let effects = Effects::default();
    let moved = |before: (&str, Option<Scope>), after: (&str, Option<Scope>)| UserFact::Moved {
        before: (before.0.parse().unwrap(), before.1),
        after: (after.0.parse().unwrap(), after.1),
        effects,
    };
    let key = || "k1".parse().unwrap();
    let lifetime = |before, after| UserFact::KeyLifetime {
        key: key(),
        before,
        after,
    };
    let status = |before, after| UserFact::KeyStatus {
        key: key(),
        before,
        after,
    };
    for (fact, words) in [
        (
            UserFact::Added(account(AccountKind::Sso, false, Some(Scope::Root))),
            "added: profile user, root scope, single sign-on, disabled",
        ),
        (
            UserFact::Removed(account(AccountKind::Local, true, None)),
            "removed: profile user, no scope",
        ),
        (
            moved(("user", group()), ("admin", group())),
            "profile user -> admin",
        ),
        (
            moved(
                ("user", group()),
                ("user", Some(Scope::Tenant("alpha".parse().unwrap()))),
            ),
            "partner scope of group one -> tenant scope of alpha",
        ),
        (
            moved(("user", None), ("admin", Some(Scope::Root))),
            "profile user -> admin, no scope -> root scope",
        ),
        (UserFact::Enabled(true), "enabled"),
        (UserFact::Enabled(false), "disabled"),
        (UserFact::Kind(AccountKind::Local), "a local account now"),
        (
            UserFact::Kind(AccountKind::Sso),
            "a single sign-on account now",
        ),
        (
            UserFact::KeyMade {
                key: key(),
                kind: KeyKind::Scoped,
                status: KeyStatus::NotYetValid,
                expires_at: None,
            },
            "new key k1: scoped, not yet valid, never ends",
        ),
        (
            UserFact::KeyRemoved {
                key: key(),
                kind: KeyKind::Legacy,
                status: KeyStatus::Expired,
            },
            "key k1 removed: legacy, expired",
        ),
        (
            status(KeyStatus::Active, KeyStatus::Revoked),
            "key k1: active -> revoked",
        ),
        (
            lifetime((at(0), None), (at(86_400), None)),
            "key k1: begins at 0 -> 86400",
        ),
        (
            lifetime((at(0), None), (at(0), Some(at(86_400)))),
            "key k1: never ends -> ends at 86400",
        ),
        (
            lifetime((at(0), Some(at(86_400))), (at(1), None)),
            "key k1: begins at 0 -> 1, ends at 86400 -> never ends",
        ),
    ] {
        assert_eq!(user_fact(&fact), words);
        assert!(!fact.has(Effect::Neither), "{words}");
    }
}

#[test]
fn each_fact_about_a_tenant_or_a_group_is_a_line() {
    let tenants = |names: &[&str]| names.iter().map(|name| name.parse().unwrap()).collect();
    let group = || "one".parse().unwrap();
    for (fact, words, [widens, narrows]) in [
        (
            TenancyFact::TenantAdded("alpha".parse().unwrap()),
            "tenant alpha added",
            [true, false],
        ),
        (
            TenancyFact::TenantRemoved("alpha".parse().unwrap()),
            "tenant alpha removed",
            [false, true],
        ),
        (
            TenancyFact::GroupAdded(group(), Vec::new()),
            "group one added: no tenants",
            [false, false],
        ),
        (
            TenancyFact::GroupRemoved(group(), tenants(&["alpha", "beta", "gamma"])),
            "group one removed: alpha, beta and 1 more",
            [false, true],
        ),
        (
            TenancyFact::GroupChanged {
                group: group(),
                joined: tenants(&["alpha"]),
                left: tenants(&["beta", "gamma"]),
            },
            "group one: alpha joined; beta, gamma left",
            [true, true],
        ),
    ] {
        assert_eq!(tenancy_fact(&fact, 2), words);
        assert_eq!(fact.has(Effect::Widens), widens, "{words}");
        assert_eq!(fact.has(Effect::Narrows), narrows, "{words}");
        assert!(!fact.has(Effect::Neither), "{words}");
    }
    assert_eq!(names(["a", "b"].into_iter(), 2), "a, b");
    assert_eq!(names(["a", "b"].into_iter(), 0), " and 2 more");
}

#[test]
fn the_numbers_of_an_impact_are_a_sentence() {
    let nothing = ImpactCounts::default();
    assert!(nothing.is_empty());
    assert_eq!(summary(&nothing, 7), "nobody gains or loses anything");
    let mut all = nothing.clone();
    (all.gain_endpoint, all.lose_endpoint) = (2, 1);
    all.stop_using = vec![
        (Presentation::Token, 1),
        (Presentation::KeyByBasic, 2),
        (Presentation::KeyByBearer, 3),
        (Presentation::TokenByBasic, 4),
    ];
    (all.gain_way, all.lose_way) = (1, 2);
    (all.further, all.less_far) = (1, 2);
    (all.gain_tenant, all.lose_tenant) = (1, 2);
    assert!(!all.is_empty());
    assert_eq!(
        summary(&all, 7),
        "2 of 7 users gain an endpoint, 1 loses an endpoint, 1 keeps endpoints but no longer by token, \
         2 keep endpoints but no longer by Basic, 3 keep endpoints but no longer by key as bearer, 4 keep endpoints but no longer by token by Basic, \
         1 gains a way, 2 lose another way, 1 reaches further, 2 reach less far, \
         1 reaches more tenants, 2 reach fewer tenants"
    );
    let mut one = nothing;
    one.less_far = 1;
    assert_eq!(
        summary(&one, 1),
        "nobody gains an endpoint, nobody loses an endpoint, 1 of 1 user reaches less far"
    );
}

/// One user with one key, before and after a move.
fn moved(before: &str, after: &str) -> (Arc<Policy>, Diff, People) {
    let policy = Arc::new(Policy::embedded().unwrap());
    let diff = Diff::of_policies(&policy, &policy);
    let directory = |scope: &str| {
        let text = format!(
            "version: 1\ntenants: [alpha, beta]\ngroups: {{ one: [alpha, beta] }}\nusers:\n  \
             ann: {{ {scope}, profile: user }}\nkeys:\n  k1: {{ owner: ann, name: key, created_at: 0 }}\n"
        );
        Directory::from_yaml(text, &policy).unwrap_or_else(|faults| panic!("{faults}"))
    };
    let sides = [before, after].map(directory);
    let both = [(&sides[0], NOW), (&sides[1], NOW)];
    let people = People {
        impact: Impact::between(&diff, both),
        instants: [NOW; 2],
        directories: Some(DirectoryDiff::between(&diff, both)),
    };
    (policy, diff, people)
}

#[test]
fn a_move_from_root_confines_and_one_to_root_frees() {
    let texts = |before: &str, after: &str, is_full: bool| -> Vec<String> {
        let (_, diff, people) = moved(before, after);
        assert!(
            people
                .title()
                .starts_with("impact on 1 user of both directories, judged at ")
        );
        let blocks = people.blocks();
        let [block] = blocks.as_slice() else {
            panic!("{blocks:?}")
        };
        assert_eq!((block.users.len(), block.changed.len()), (0, 1));
        let mut texts: Vec<String> = sentences(diff.axes(), block.accesses, Detail::of(is_full))
            .into_iter()
            .flat_map(|(_, sentences)| sentences)
            .map(|sentence| sentence.text)
            .collect();
        texts.dedup();
        texts
    };
    let (root, group) = ("scope: root", "scope: partner, group: one");
    for is_full in [false, true] {
        let confined = texts(root, group, is_full);
        let freed = texts(group, root, is_full);
        let has = |all: &[String], text: &str| all.iter().any(|own| own.starts_with(text));
        assert!(
            has(&confined, "answers are confined to tenants now"),
            "{confined:?}"
        );
        assert!(
            has(&freed, "answers are not confined to tenants any more"),
            "{freed:?}"
        );
    }
}

#[test]
fn each_note_is_a_line() {
    let load = |text: &str| Arc::new(Policy::from_yaml(text).unwrap());
    let lines = |before: &str, after: &str| -> Vec<String> {
        let diff = Diff::of_policies(&load(before), &load(after));
        let lines = diff.notes().into_iter();
        lines.map(|note| notes::words(diff.axes(), &note)).collect()
    };
    let renamed = EMBEDDED_POLICY.replace("cases.comment", "cases.remark");
    assert_eq!(
        lines(EMBEDDED_POLICY, &renamed),
        [
            "privilege `cases.comment` is renamed to `cases.remark`: the same endpoints need it and the same profiles hold it"
        ]
    );
    let renamed = EMBEDDED_POLICY
        .replace("/tenants/{id}", "/tenants/{name}")
        .replace("{ path: id }", "{ path: name }");
    assert_eq!(
        lines(EMBEDDED_POLICY, &renamed),
        ["`/tenants/{id}` is renamed to `/tenants/{name}`: only its parameters have other names"]
    );
    let in_header = EMBEDDED_POLICY.replace("{ path: id }", "{ header: x-tenant }");
    let said = lines(EMBEDDED_POLICY, &in_header);
    let change = "the tenant was named by `id` in the path and is named by the header `x-tenant`";
    assert!(said.iter().any(|line| line.ends_with(change)), "{said:?}");
    let axes = Axes::of(&[&load(EMBEDDED_POLICY)]);
    let release = "9.9.9".parse().unwrap();
    for (note, words) in [
        (
            Note::ProfileRemoved("user".parse().unwrap()),
            "profile `user`: only the first policy has it; the second refuses its users",
        ),
        (
            Note::ReleaseAdded {
                release,
                is_compared: false,
                before: None,
            },
            "release 9.9.9: only the second policy has it; not compared",
        ),
        (
            Note::ReleaseRemoved {
                release,
                is_compared: false,
            },
            "release 9.9.9: only the first policy has it; not compared",
        ),
    ] {
        assert_eq!(notes::words(&axes, &note), words);
    }
}

#[test]
fn profiles_are_named_from_the_lowest_up() {
    let text = "version: 1\nprivileges: [a.see, b.see]\nprofiles:\n  super_admin: { builtin: true, all: true }\n  \
                low: { grants: [a.see] }\n  high: { inherits: [low] }\n  side: { grants: [b.see] }\n\
                endpoints: []\nreleases:\n  \"1.0.0\": { access: scoped, restricted: [] }\n";
    let policy = Arc::new(Policy::from_yaml(text).unwrap_or_else(|faults| panic!("{faults}")));
    let axes = Axes::of(&[&policy]);
    let named = |profiles: &[&str]| {
        let place = |name: &&str| {
            let mut all = axes.profiles().iter();
            all.position(|own| own.as_str() == *name).unwrap()
        };
        let mut places: Vec<usize> = profiles.iter().map(place).collect();
        places.sort_unstable();
        profiles_and_up(&axes, &policy, &places)
    };
    assert_eq!(named(&[]), "nobody");
    assert_eq!(named(&["low"]), "low");
    assert_eq!(named(&["low", "high", "super_admin"]), "low and up");
    assert_eq!(named(&["side", "super_admin"]), "side and up");
    let all = ["super_admin", "low", "high", "side"];
    assert_eq!(named(&all), "low and up, side and up");
}

#[test]
fn the_words_of_acts_are_those_of_documents() {
    let words = AdministrativeAct::ALL.map(AdministrativeAct::as_str);
    assert_eq!(words, ["revoke_keys", "edit", "grant", "grant_itself"]);
    let policy = Arc::new(Policy::embedded().unwrap());
    let authority = Authority::of(&policy);
    for actor in 0..authority.profiles().len() {
        for other in 0..authority.profiles().len() {
            let acts = authority.between(actor, other);
            assert_eq!(acts.len(), acts.iter().count());
            assert_eq!(acts.is_empty(), acts.iter().next().is_none());
        }
    }
}

#[test]
fn sets_of_circumstances_are_named_by_what_they_have_in_common() {
    let set = |relations: &[Relation]| -> String {
        let cells = relations.iter().map(|relation| {
            Circumstance::new(
                AccountKind::Local,
                Presentation::Token,
                KeyKind::Scoped,
                *relation,
            )
        });
        words::circumstances(cells.collect())
    };
    for (relations, text) in [
        (&[Relation::NotNamed][..], "naming no tenant"),
        (&[Relation::Inside], "naming a tenant of the scope"),
        (&[Relation::Outside], "naming a tenant outside the scope"),
        (
            &[Relation::NotNamed, Relation::Inside],
            "naming no tenant or one of the scope",
        ),
        (
            &[Relation::NotNamed, Relation::Outside],
            "naming no tenant or one outside the scope",
        ),
        (&[Relation::Inside, Relation::Outside], "naming any tenant"),
    ] {
        let own = set(relations);
        assert!(own.ends_with(text), "{own} does not end with {text}");
    }
}

#[test]
fn remarks_name_both_templates_in_the_order_of_the_document() {
    let text = "version: 1\nprivileges: [a.see]\nprofiles:\n  super_admin: { builtin: true, all: true }\n\
                endpoints:\n  - { path: '/{a}/b', methods: { GET: a.see } }\n  \
                - { path: '/x/{rest...}', methods: { GET: a.see } }\n  \
                - { path: '/x/{rest...}/b', methods: { GET: a.see } }\n  \
                - { path: '/y/{n}..z', methods: { GET: a.see } }\n\
                releases:\n  \"1.0.0\": { access: scoped, restricted: [] }\n";
    let policy = Policy::from_yaml(text).unwrap_or_else(|faults| panic!("{faults}"));
    let remarks: Vec<(Severity, String, String)> = policy
        .remarks()
        .into_iter()
        .map(|remark| (remark.severity, remark.place, remark.text))
        .collect();
    let hint = "`/x/{rest...}` and `/{a}/b` match a path and neither is more specific, so that it belongs to nobody; \
                list that path as a template of its own";
    let warning = "no request can reach `/y/{n}..z`: other templates take its paths, or leave them to nobody; \
                   remove or rename it";
    let places = |severity, place: &str, text: &str| (severity, place.to_owned(), text.to_owned());
    assert!(
        remarks.contains(&places(Severity::Hint, "endpoints[1].path", hint)),
        "{remarks:?}"
    );
    assert!(
        remarks.contains(&places(Severity::Warning, "endpoints[3].path", warning)),
        "{remarks:?}"
    );
}

#[test]
fn an_endpoint_that_becomes_public_is_gained_without_a_credential() {
    let health = "  - { path: /health, methods: { GET: public }, tenant: none }\n";
    let policies = ["endpoints:\n".to_owned(), format!("endpoints:\n{health}")]
        .map(|endpoints| EMBEDDED_POLICY.replacen("endpoints:\n", &endpoints, 1))
        .map(|text| Arc::new(Policy::from_yaml(&text).unwrap_or_else(|faults| panic!("{faults}"))));
    let [without, with] = policies;
    let texts = |before, after, is_full| -> Vec<String> {
        let diff = Diff::of_policies(before, after);
        let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &without).unwrap();
        let people = People {
            impact: Impact::of(&diff, &directory, NOW),
            instants: [NOW; 2],
            directories: None,
        };
        let title = format!(
            "impact on {} users of the directory, judged at {NOW}",
            people.impact.users().len()
        );
        assert_eq!(people.title(), title);
        let blocks = people.blocks();
        let said = blocks
            .iter()
            .flat_map(|block| sentences(diff.axes(), block.accesses, Detail::of(is_full)));
        said.flat_map(|(_, said)| said)
            .map(|own| own.text)
            .collect()
    };
    for is_full in [false, true] {
        for text in texts(&without, &with, is_full) {
            assert_eq!(text, "gain 1 endpoint, without a credential");
        }
        for text in texts(&with, &without, is_full) {
            assert_eq!(text, "lose 1 endpoint, without a credential");
        }
        assert!(!texts(&without, &with, is_full).is_empty());
        assert!(!texts(&with, &without, is_full).is_empty());
    }
}

#[test]
fn whose_data_an_endpoint_holds_decides_how_far_it_reaches() {
    let policy = |tenant: &str, count: usize| {
        let endpoint = |number| {
            format!("  - {{ path: /e{number}, methods: {{ GET: a.see }}, tenant: {tenant} }}\n")
        };
        let endpoints: String = (0..count).map(endpoint).collect();
        let text = format!(
            "version: 1\nprivileges: [a.see]\nprofiles:\n  super_admin: {{ builtin: true, all: true }}\n  \
             user: {{ builtin: true, grants: [a.see] }}\nendpoints:\n{endpoints}\
             releases:\n  \"1.0.0\": {{ access: scoped, restricted: [] }}\n"
        );
        Arc::new(Policy::from_yaml(&text).unwrap_or_else(|faults| panic!("{faults}\n{text}")))
    };
    let text = "version: 1\ntenants: [alpha]\ngroups: {}\nusers: { ann: { scope: tenant, tenant: alpha, profile: user } }\n\
                keys: { k1: { owner: ann, name: key, created_at: 0 } }\n";
    for (count, further, less_far) in [
        (1, "reaches further", "reaches less far"),
        (2, "reach further", "reach less far"),
    ] {
        let (scoped, none) = (policy("scoped", count), policy("none", count));
        let directory = Directory::from_yaml(text, &scoped).unwrap();
        for (before, after, words, sentence) in [
            (&scoped, &none, further, "reach further at "),
            (&none, &scoped, less_far, "reach less far at "),
        ] {
            let diff = Diff::of_policies(before, after);
            let heads = diff.groups().iter().map(|group| {
                let endpoints = words::EndpointList::of(diff.axes(), group.rows());
                difference::head(&diff, group, &endpoints)
            });
            let heads: Vec<String> = heads.collect();
            assert!(heads.iter().any(|head| head.ends_with(words)), "{heads:?}");
            let impact = Impact::of(&diff, &directory, NOW);
            let [affected] = impact.affected() else {
                panic!("{impact:?}")
            };
            for is_full in [false, true] {
                let said = sentences(diff.axes(), affected.accesses(), Detail::of(is_full));
                let said: Vec<String> = said
                    .into_iter()
                    .flat_map(|(_, sentences)| sentences)
                    .map(|sentence| sentence.text)
                    .collect();
                assert!(
                    said.iter().any(|text| text.starts_with(sentence)),
                    "{said:?}"
                );
            }
        }
    }
}
