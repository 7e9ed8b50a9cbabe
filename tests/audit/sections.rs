//! The sections of a difference say neither more nor less than its cells.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use portcullis::audit::view::body::Body;
use portcullis::audit::view::callers::Family;
use portcullis::audit::view::ranks::profiles_and_up;
use portcullis::audit::view::sections::{Likeness, Sections, Statement};
use portcullis::audit::{ChangeClass, ChangeGroup, Circumstances, Diff, Outcome, Sheet};
use portcullis::scope::ScopeLevel;
use portcullis::{EMBEDDED_POLICY, Policy};
use proptest::prelude::*;

use crate::brute::policy;
use crate::worlds::{Size, World, pairs};

const SIZE: Size = Size {
    endpoints: 6,
    profiles: 3,
    privileges: 3,
    releases: 2,
};

/// A deployment, a row, a profile, a scope, and the number of a circumstance.
type Place = (usize, usize, usize, ScopeLevel, String);

fn cells<'g>(
    groups: impl IntoIterator<Item = &'g ChangeGroup>,
) -> BTreeMap<Place, (Outcome, Outcome)> {
    let mut cells = BTreeMap::new();
    for cell in groups.into_iter().flat_map(ChangeGroup::iter) {
        let circumstance = format!("{:?}", cell.circumstance);
        let place = (
            cell.deployment,
            cell.row,
            cell.profile,
            cell.scope,
            circumstance,
        );
        let twice = cells.insert(place, (cell.before, cell.after));
        assert_eq!(twice, None, "a cell is in two groups");
    }
    cells
}

/// What the families of one side allow, expanded from what is printed of them: the
/// profiles of each row, and the ways of each deployment.
fn expanded(
    families: &[Family],
    deployment: usize,
    row: usize,
    profile: usize,
    scope: ScopeLevel,
) -> Circumstances {
    let mut found = Circumstances::NONE;
    let mut times = 0;
    for family in families {
        for (rows, profiles) in family.kinds() {
            if !rows.contains(&row) {
                continue;
            }
            times += 1;
            for (columns, cells) in family.ways(deployment) {
                if profiles.contains(&profile) && columns.contains(&(profile, scope)) {
                    found = found.union(cells);
                }
            }
        }
    }
    assert!(times < 2, "row {row} is described {times} times");
    found
}

fn side(diff: &Diff, is_after: bool) -> Vec<&Sheet> {
    let pairs = diff.pairs();
    pairs
        .map(|(before, after)| if is_after { after } else { before })
        .collect()
}

/// What a likeness says of a row.
fn by_likeness(
    reach: &Likeness,
    sheet: &Sheet,
    deployment: usize,
    row: usize,
    profile: usize,
    scope: ScopeLevel,
) -> Circumstances {
    if reach.without.contains(&row) {
        return Circumstances::NONE;
    }
    if reach.more.contains(&row) {
        return match reach.more_like {
            Some(other) => sheet.allowed(row, other, scope),
            None => expanded(&reach.families, deployment, row, profile, scope),
        };
    }
    let like = reach.like.map(|other| sheet.allowed(row, other, scope));
    like.unwrap_or(Circumstances::NONE)
}

/// Checks every statement of the sections, and that no cell is left out.
fn assert_exact(diff: &Diff) {
    let all = cells(diff.groups());
    let sections = Sections::of(diff);
    let mut left = all.clone();
    let mut remove = |found: &BTreeMap<Place, (Outcome, Outcome)>| {
        for (place, outcomes) in found {
            assert_eq!(left.remove(place), Some(*outcomes), "{place:?}");
        }
    };
    remove(&cells(&sections.rest));
    for section in &sections.sections {
        remove(&cells(&section.groups));
    }
    let profiles = 0..diff.axes().profiles().len();
    for section in &sections.sections {
        let mut described = 0;
        let mut describe = |is_described: &dyn Fn(&Place) -> bool| {
            let before = left.len();
            left.retain(|place, _| !is_described(place));
            described += (before - left.len()) as u64;
        };
        match &section.statement {
            Statement::Groups => described = cells(&section.groups).len() as u64,
            Statement::Callers { is_after, families } => {
                let rows: BTreeSet<usize> = families.iter().flat_map(Family::rows).collect();
                for (deployment, sheet) in side(diff, *is_after).into_iter().enumerate() {
                    for row in rows.iter().filter(|_| !sheet.is_nothing()) {
                        for profile in profiles.clone() {
                            for scope in ScopeLevel::ALL {
                                let said = expanded(families, deployment, *row, profile, scope);
                                assert_eq!(said, sheet.allowed(*row, profile, scope));
                                // So all that is allowed opens, or closes.
                                let other = side(diff, !is_after)[deployment];
                                assert!(other.allowed(*row, profile, scope).is_empty());
                            }
                        }
                    }
                }
                describe(&|place| rows.contains(&place.1));
            }
            Statement::Profile {
                is_after,
                profile,
                reach,
            } => {
                for (deployment, sheet) in side(diff, *is_after).into_iter().enumerate() {
                    for row in (0..diff.axes().rows().len()).filter(|_| !sheet.is_nothing()) {
                        for scope in ScopeLevel::ALL {
                            let said = by_likeness(reach, sheet, deployment, row, *profile, scope);
                            assert_eq!(said, sheet.allowed(row, *profile, scope));
                        }
                    }
                }
                describe(&|place| place.2 == *profile);
            }
            Statement::Moved(moved) => {
                for (before, after) in diff.pairs() {
                    for (old, new) in moved {
                        for profile in profiles.clone() {
                            for scope in ScopeLevel::ALL {
                                let old = before.answers(*old, profile, scope).unwrap();
                                let new = after.answers(*new, profile, scope).unwrap();
                                for ((cell, was), (other, is)) in old.iter().zip(new.iter()) {
                                    assert_eq!(cell, other);
                                    assert!(was == is || !was.is_allowed() && !is.is_allowed());
                                }
                            }
                        }
                    }
                }
                describe(&|place| moved.iter().any(|own| own.0 == place.1 || own.1 == place.1));
            }
        }
        assert_eq!(section.cells, described, "{}", section.title);
    }
    assert!(left.is_empty(), "in no section: {left:?}");
    for class in ChangeClass::ALL {
        assert_summed(diff, &sections.groups(class));
    }
}

/// Checks what is listed of some groups, if it is a summary.
fn assert_summed(diff: &Diff, groups: &[&ChangeGroup]) {
    let Body::Summary(parts) = Body::of(diff, groups) else {
        return;
    };
    let mut all = BTreeMap::new();
    for cell in groups.iter().flat_map(|group| group.iter()) {
        let place = (cell.deployment, cell.row, cell.profile, cell.scope);
        let entry: &mut Circumstances = all.entry(place).or_default();
        entry.insert(cell.circumstance);
    }
    let mut said: BTreeMap<_, Circumstances> = BTreeMap::new();
    for part in &parts {
        for deployment in 0..diff.pairs().count() {
            for row in 0..diff.axes().rows().len() {
                for profile in 0..diff.axes().profiles().len() {
                    for scope in ScopeLevel::ALL {
                        let own = expanded(&part.families, deployment, row, profile, scope);
                        let place = (deployment, row, profile, scope);
                        let entry = said.entry(place).or_default();
                        assert!(entry.intersection(own).is_empty(), "a cell in two parts");
                        *entry = entry.union(own);
                    }
                }
            }
        }
    }
    said.retain(|_, cells| !cells.is_empty());
    assert_eq!(said, all);
}

/// The profiles that words mean, by what a world says of inheritance.
fn meant(world: &World, words: &str) -> BTreeSet<String> {
    let names: Vec<String> = world.profiles.iter().map(|own| own.name.clone()).collect();
    let every = || names.iter().cloned().chain(["super_admin".to_owned()]);
    if let Some(other) = words.strip_prefix("every profile") {
        let but = other.strip_prefix(" but ");
        return every().filter(|name| Some(name.as_str()) != but).collect();
    }
    let mut all = BTreeSet::new();
    for word in words.split(", ").filter(|word| *word != "nobody") {
        let Some(lowest) = word.strip_suffix(" and up") else {
            all.insert(word.to_owned());
            continue;
        };
        let mut above = BTreeSet::from([lowest.to_owned(), "super_admin".to_owned()]);
        // Each inherits from earlier ones only.
        for profile in &world.profiles {
            let inherits = |parent: &usize| above.contains(&names[*parent]);
            if profile.inherits.iter().any(inherits) {
                above.insert(profile.name.clone());
            }
        }
        all.extend(above);
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn sections_say_exactly_what_the_cells_say((one, other) in pairs(SIZE)) {
        assert_exact(&Diff::of_policies(&policy(&one), &policy(&other)));
    }

    #[test]
    fn sections_of_policies_with_nothing_in_common((one, other) in (any::<u64>(), any::<u64>())) {
        let [one, other] = [one, other].map(|seed| World::new(seed, SIZE));
        assert_exact(&Diff::of_policies(&policy(&one), &policy(&other)));
    }

    #[test]
    fn and_up_means_what_inheritance_gives(seed in any::<u64>(), chosen in any::<u16>()) {
        let world = World::new(seed, Size { profiles: 6, ..SIZE });
        let policy = policy(&world);
        let diff = Diff::of_policies(&policy, &policy);
        let all = diff.axes().profiles();
        let places = (0..all.len()).filter(|place| chosen >> place & 1 == 1);
        let places: Vec<usize> = places.collect();
        let names: BTreeSet<String> = places.iter().map(|place| all[*place].to_string()).collect();
        let words = profiles_and_up(diff.axes(), &policy, &places);
        prop_assert_eq!(meant(&world, &words), names, "{}", words);
    }
}

fn without_invariants() -> &'static str {
    let (text, _) = EMBEDDED_POLICY.split_once("\ninvariants:\n").unwrap();
    text
}

/// Compares the embedded policy, up to its invariants, with what some replacements
/// make of it.
fn edited(edits: &[(&str, &str)]) -> Diff {
    let mut text = without_invariants().to_owned();
    for (from, to) in edits {
        assert_eq!(text.matches(from).count(), 1, "{from}");
        text = text.replace(from, to);
    }
    let load = |text: &str| Arc::new(Policy::from_yaml(text).unwrap());
    Diff::of_policies(&load(without_invariants()), &load(&text))
}

fn titles(diff: &Diff) -> Vec<String> {
    assert_exact(diff);
    let sections = Sections::of(diff).sections;
    sections.into_iter().map(|section| section.title).collect()
}

const MARK: &str = "  # --- usage and ingestion ---\n";

#[test]
fn what_is_added_is_said_by_who_may_call_it() {
    let added = "  - { path: /plays, methods: { GET: respond.playbooks.view, PUT: respond.playbooks.edit } }\n";
    let diff = edited(&[(MARK, &format!("{added}{MARK}"))]);
    assert_exact(&diff);
    let sections = Sections::of(&diff);
    assert!(sections.rest.is_empty());
    let lines = &sections.sections[0].lines;
    assert_eq!(
        lines[0].text,
        "GET /plays: user and up; PUT: security_admin and up"
    );
}

#[test]
fn many_added_endpoints_are_said_by_their_callers() {
    let added = |number: usize| {
        let methods = "{ GET: respond.playbooks.view, PUT: respond.playbooks.edit }";
        format!("  - {{ path: /plays{number}, methods: {methods} }}\n")
    };
    let texts = |count: usize| -> Vec<String> {
        let added: String = (0..count).map(added).collect();
        let diff = edited(&[(MARK, &format!("{added}{MARK}"))]);
        assert_exact(&diff);
        let lines = Sections::of(&diff).sections[0].lines.clone();
        lines.into_iter().map(|line| line.text).collect()
    };
    let few = texts(12);
    assert!(few[0].starts_with("GET /plays0: user and up; "), "{few:?}");
    let many = texts(13);
    assert!(
        many[0].starts_with("user and up: GET /plays0, /plays1, "),
        "{many:?}"
    );
    assert!(
        many[1].starts_with("security_admin and up: PUT /plays0, /plays1, "),
        "{many:?}"
    );
}

/// The rows of one section can differ in whose data they hold, in where they are
/// restricted, and in who needs no credential.
#[test]
fn remarks_say_what_is_special_about_an_added_endpoint() {
    let added = "  - { path: /a, methods: { GET: null }, tenant: none }
  - { path: /b, methods: { GET: public }, tenant: none }
  - { path: /c, methods: { GET: cases.view }, tenant: platform }
  - { path: '/d/{id}', methods: { GET: cases.view }, tenant_parameter: { path: id } }
  - { path: /e, methods: { GET: cases.view } }
";
    let diff = edited(&[
        (MARK, &format!("{added}{MARK}")),
        (
            "  \"5.5.0s\":\n    access: scoped\n    techniques: [token]\n    source: \"the hosted service; Configuring API Authentication; inferred: technique, as in 5.2 of the service\"\n    restricted:\n",
            "  \"5.5.0s\":\n    access: scoped\n    techniques: [token]\n    restricted:\n      - /e\n",
        ),
    ]);
    assert_exact(&diff);
    let section = &Sections::of(&diff).sections[0];
    let lines: Vec<&str> = section
        .lines
        .iter()
        .map(|line| line.text.as_str())
        .collect();
    for expected in [
        "GET /a: user and up (no tenant data)",
        "GET /b: user and up (public: also without a credential)",
        "GET /c: user and up",
        "GET /d/{id}: user and up (the path names the tenant)",
        "GET /e: user and up, restricted in 5.5.0s",
    ] {
        assert!(lines.contains(&expected), "{expected}\n{lines:#?}");
    }
}

#[test]
fn an_added_profile_is_said_by_its_neighbours() {
    let profile = "  # Everything but profiles, external";
    for (written, expected) in [
        (
            "inherits: [user]",
            "holds exactly what user holds|reaches what user reaches",
        ),
        (
            "inherits: [user], grants: [cases.delete]",
            "holds more than user; holds less than platform_admin|reaches what user reaches and, as platform_admin does:",
        ),
        (
            "grants: [system.settings.edit]",
            "holds less than super_admin|reaches what user reaches, except:",
        ),
    ] {
        let added = format!("  extra: {{ {written} }}\n\n{profile}");
        let diff = edited(&[(profile, &added)]);
        assert_exact(&diff);
        let sections = Sections::of(&diff);
        assert!(sections.rest.is_empty());
        let lines = &sections.sections[0].lines;
        let texts: Vec<&str> = lines[1..3].iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts.join("|"), expected);
    }
}

#[test]
fn another_base_path_hides_no_other_change() {
    let base = ("base_path: /connect/api/v1", "base_path: /connect/api/v2");
    let grant = (
        "        cases.edit, cases.comment,",
        "        cases.delete, cases.edit, cases.comment,",
    );
    let titles_of = |edits: &[(&str, &str)]| titles(&edited(edits));
    assert_eq!(titles_of(&[base]).len(), 1);
    let all = titles_of(&[base, grant]);
    assert_eq!(all.len(), 3, "{all:?}");
    assert!(all[0].starts_with("moved: 73 endpoints"), "{all:?}");
    assert!(all[1].starts_with("new: 1 endpoint "), "{all:?}");
    assert!(all[2].starts_with("removed: 1 endpoint "), "{all:?}");
}

#[test]
fn an_added_release_is_compared_with_the_one_before_it() {
    let releases = "\nreleases:\n";
    let (_, last) = without_invariants().rsplit_once("  \"5.5.0s\":\n").unwrap();
    let next = format!("{releases}  \"5.6.0s\":\n{last}\n");
    let diff = edited(&[(releases, &next)]);
    assert_exact(&diff);
    let section = &Sections::of(&diff).sections[0];
    assert!(
        section
            .title
            .starts_with("new release: 5.6.0s, compared with 5.5.0s (")
    );
    assert_eq!(
        section.lines[0].text,
        "nobody may call more or less than in 5.5.0s"
    );
    // A release that opens everything, and an endpoint that is new in it too.
    let added = format!("  - {{ path: /plays, methods: {{ GET: null }} }}\n{MARK}");
    let open = format!("{releases}  5.6.0: {{ access: scoped, restricted: [] }}\n");
    let diff = edited(&[(releases, &open), (MARK, &added)]);
    let all = titles(&diff);
    assert!(all[0].starts_with("new: 1 endpoint ("), "{all:?}");
    assert!(
        all[1].starts_with("new release: 5.6.0, compared with 5.5.0 ("),
        "{all:?}"
    );
    // One that has none before it is compared with nothing.
    let open = open.replace("5.6.0", "5.3.0");
    let all = titles(&edited(&[(releases, &open)]));
    assert!(
        all[0].starts_with("new release: 5.3.0, compared with nothing ("),
        "{all:?}"
    );
}
