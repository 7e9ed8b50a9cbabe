//! What the page of `report` says, and what it says about bad input.

use std::fs;

use serde_json::Value;

use crate::run::{EXAMPLE_DIRECTORY, EXAMPLE_POLICY, Run, directory, file, run, run_each};

/// The report of the example policy, as printed.
pub(crate) fn report(arguments: &str) -> Run {
    file("policy.yaml", EXAMPLE_POLICY);
    file("directory.yaml", EXAMPLE_DIRECTORY);
    run(&format!(
        "report --policy policy.yaml --directory directory.yaml --now 1764000000 {arguments}"
    ))
}

/// The same, if the run succeeds.
pub(crate) fn page(arguments: &str) -> String {
    let made = report(arguments);
    assert_eq!((made.code, made.errors.as_str()), (0, ""), "{arguments}");
    made.output
}

fn json(arguments: &str) -> Value {
    serde_json::from_str(&page(&format!("{arguments} --format json"))).unwrap()
}

/// The text between two others, at the first place.
fn between<'t>(text: &'t str, begin: &str, end: &str) -> &'t str {
    let rest = text
        .split_once(begin)
        .unwrap_or_else(|| panic!("{begin}"))
        .1;
    rest.split_once(end).unwrap().0
}

#[test]
fn the_first_numbers_are_about_the_releases_of_the_upgrade() {
    let report = json("--from 1.0.0 --to 2.0.0");
    let facts: Vec<(&str, &str)> = report["facts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fact| {
            (
                fact["text"].as_str().unwrap(),
                fact["names"].as_str().unwrap(),
            )
        })
        .collect();
    let texts: Vec<&str> = facts.iter().map(|(text, _)| *text).collect();
    assert_eq!(
        texts[..3],
        [
            "endpoints restricted in 1.0.0 with scoped keys off",
            "endpoints restricted in 1.0.0 with scoped keys on",
            "endpoints restricted in 2.0.0",
        ]
    );
    let names = |text: &str| facts.iter().find(|own| own.0.contains(text)).unwrap().1;
    assert_eq!(names("Super Admin at root"), "ann, without a second factor");
    assert!(names("deserve a second look").starts_with("most urgent: "));
}

#[test]
fn the_words_about_administrators_agree_with_the_cells() {
    let report = json("");
    let administration = &report["administration"];
    let roles = administration["roles"].as_array().unwrap();
    let actors = administration["actors"].as_array().unwrap();
    let mut with_words = 0;
    for actor in actors {
        let letters: Vec<&str> = actor["cells"]
            .as_array()
            .unwrap()
            .iter()
            .map(|cell| cell["letters"].as_str().unwrap())
            .collect();
        assert_eq!(letters.len(), roles.len());
        let acts_on_others = letters.iter().any(|own| own.contains(['K', 'E', 'G']));
        let over = actor["over"].as_array().unwrap();
        assert_eq!(acts_on_others, !over.is_empty(), "{actor}");
        with_words += over.len();
    }
    assert!(with_words > 6, "{with_words}");
    let own = actors
        .iter()
        .find(|actor| actor["anchor"] == "administers=platform_admin=partner")
        .unwrap();
    assert_eq!(
        own["over"],
        serde_json::json!([
            [
                "list and revoke its keys; edit, disable or delete it; give another account this profile and scope",
                "user and agent at partner; every profile but super_admin at tenant"
            ],
            [
                "give another account this profile and scope",
                "platform_admin at partner"
            ]
        ])
    );
}

#[test]
fn a_mark_says_what_it_means_where_it_is() {
    let page = page("");
    let access = between(&page, "<section id=\"access\"", "</section>");
    let mut marks = 0;
    for cell in access.split("<td id=\"").skip(1) {
        let title = between(cell, " title=\"", "\"");
        assert!(
            title == "yes" || title.starts_with("yes: by ") || title.starts_with("no: "),
            "{title}"
        );
        let is_allowed = cell.contains("class=\"allow");
        marks += usize::from(is_allowed && title.starts_with("yes"));
        assert!(!(is_allowed && title.starts_with("no")), "{cell}");
    }
    assert!(marks > 100, "{marks}");
    let restricted = between(&page, "<section id=\"restricted\"", "</section>");
    assert!(
        restricted
            .contains("title=\"restricted: only root users with Super Admin may call it\">R</a>")
    );
}

#[test]
fn users_with_the_same_answers_in_two_releases_have_one_table_and_both_anchors() {
    let made = run("report --now 1764000000");
    assert_eq!((made.code, made.errors.as_str()), (0, ""));
    let users = between(&made.output, "<section id=\"users\"", "</section>");
    assert_eq!(users.matches("<details class=\"sheet\"").count(), 3);
    let heads = [
        "5.4.0, 5.4.0s, 5.4.1 with scoped keys off, 5.4.1s with scoped keys off",
        "5.4.1 with scoped keys on, 5.4.1s with scoped keys on, 5.5.0",
        "5.5.0s",
    ];
    for head in heads {
        assert!(
            users.contains(&format!("<h3>Release {head}</h3>")),
            "{head}"
        );
    }
    for release in [
        "5.4.0",
        "5.4.0s",
        "5.4.1.off",
        "5.4.1.on",
        "5.5.0",
        "5.5.0s",
    ] {
        for place in [
            format!("id=\"users={release}\""),
            format!("id=\"users={release}=GET=/incidents\""),
        ] {
            assert_eq!(users.matches(&place).count(), 1, "{place}");
        }
    }
}

/// The tables of releases that nobody asked for are folded, and none is left out.
#[test]
fn only_the_releases_to_look_at_first_are_unfolded() {
    let unfolded = |arguments: &str| {
        let page = page(arguments);
        let access = between(&page, "<section id=\"access\"", "</section>");
        let sheets = access.split("<details class=\"sheet").skip(1);
        sheets
            .map(|sheet| {
                let release = between(sheet, "data-release=\"", "\"").to_owned();
                (release, between(sheet, "", ">").ends_with(" open"))
            })
            .collect::<Vec<_>>()
    };
    let open = |arguments: &str| {
        let sheets = unfolded(arguments).into_iter();
        let open = sheets.filter(|(_, is_open)| *is_open);
        open.map(|(release, _)| release).collect::<Vec<_>>()
    };
    assert_eq!(unfolded("").len(), 4);
    assert_eq!(
        open("--from 1.0.0 --to 2.0.0"),
        ["1.0.0.off", "1.0.0.on", "2.0.0"]
    );
    assert_eq!(open(""), ["2.0.0", "2.0.0s"]);
    assert_eq!(open("--release 2.0.0"), ["2.0.0"]);
}

#[test]
fn every_reason_has_its_line_and_links_lead_to_it() {
    let page = page("--from 2.0.0 --to 2.0.0s");
    for reason in portcullis::Reason::ALL {
        let line = format!("<tr id=\"reason={}\">", reason.code());
        let line = between(&page, &line, "</code><td>").to_owned() + "</code><td>";
        let text = format!("{line}{}<td", reason.text()).replace('\'', "&#39;");
        assert_eq!(page.matches(&text).count(), 1, "{text}");
    }
    let upgrade = between(&page, "<section id=\"upgrade\"", "</section>");
    let refused = upgrade
        .matches("Keys refused as <a href=\"#reason=")
        .count();
    assert!(refused > 3, "{refused}");
}

/// A key that is valid, and that its owner may present for nothing, is refused too.
#[test]
fn keys_that_are_of_no_use_to_their_owners_are_among_the_refused_ones() {
    let made = run("report --from 5.5.0 --to 5.5.0s --now 1764000000 --format json");
    let report: Value = serde_json::from_str(&made.output).unwrap();
    let refused = report["upgrade"]["impact"]["refused"].as_array().unwrap();
    let of = |code: &str| refused.iter().find(|own| own[0] == code).unwrap()[1].clone();
    let named = |own: &str| Value::from(vec![own]);
    assert_eq!(
        of("key_kind_refused"),
        named("root-platform-admin (root-platform-legacy-key)")
    );
    assert_eq!(
        of("sso_account"),
        named("single-sign-on (single-sign-on-key)")
    );
    let groups = report["keys"]["groups"].as_array().unwrap().iter();
    let reached: Vec<bool> = groups
        .filter(|group| !group["code"].is_null())
        .flat_map(|group| group["keys"].as_array().unwrap())
        .map(|key| key["reaches"].as_u64().unwrap() > 0)
        .collect();
    assert!(reached.is_sorted_by_key(|is| !is), "{reached:?}");
}

/// Both pictures of restricted endpoints count endpoints, and what opens is said once.
#[test]
fn counts_are_of_endpoints_and_agree() {
    let made = run("report --from 5.5.0 --to 5.5.0s --now 1764000000 --format json");
    let report: Value = serde_json::from_str(&made.output).unwrap();
    let lines = report["restricted"]["lines"].as_array().unwrap();
    let endpoints: u64 = lines.iter().map(|own| own["count"].as_u64().unwrap()).sum();
    let heads = report["deployments"].as_array().unwrap();
    let of_release = heads.iter().find(|own| own["anchor"] == "5.5.0").unwrap();
    assert_eq!(
        (endpoints, &of_release["restricted"]),
        (33, &Value::from(33))
    );
    let tables = report["user_access"]["tables"].as_array().unwrap();
    let last = tables
        .iter()
        .find(|own| own["deployment"] == "5.5.0s")
        .unwrap();
    // Ann reaches all, and root-platform-admin what the upgrade opens.
    assert_eq!(
        (&last["counts"][0], &last["counts"][1]),
        (&33.into(), &27.into())
    );
    let opens = |endpoint: &str| {
        let line = lines
            .iter()
            .find(|own| own["endpoint"] == endpoint)
            .unwrap();
        line["changes"][0]["open_to"].clone()
    };
    assert_eq!(
        opens("/insert_ser"),
        "platform_admin and super_admin at every scope"
    );
    assert_eq!(opens("/ingestion-stats"), "every profile at every scope");
    assert_eq!(opens("/incidents"), "");
    assert_eq!(
        report["upgrade"]["fewer_ways"],
        serde_json::json!([
            "A key by Basic is accepted at every endpoint in 5.5.0, and only at POST /access_token in 5.5.0s."
        ])
    );
    let parts = report["upgrade"]["parts"].as_array().unwrap();
    let of_ways =
        |title: &str| parts.iter().find(|own| own["title"] == title).unwrap()["is_of_ways"].clone();
    assert_eq!(
        (of_ways("narrowed"), of_ways("widened")),
        (true.into(), false.into())
    );
}

#[test]
fn an_instant_is_in_words_and_in_the_form_of_programs() {
    let page = page("");
    let time = "<time datetime=\"2025-11-24T16:00:00Z\">24 November 2025, 16:00 UTC</time>";
    assert!(page.matches(time).count() > 2);
    let text = page.replace("<time datetime=\"2025-11-24T16:00:00Z\">", "");
    // The exact form is in the title block alone.
    assert_eq!(text.matches("2025-11-24T16").count(), 1);
    // A year without a date.
    let made = run("report --policy policy.yaml --now 18446744073709551615");
    assert!(
        made.output
            .contains("<time>18446744073709551615 seconds after 1970</time>")
    );
}

#[test]
fn a_name_that_turns_the_text_around_is_shown_by_its_number() {
    let name = "<script>alert(1)\u{202e}lmth.yaml";
    file(name, EXAMPLE_DIRECTORY);
    file("policy.yaml", EXAMPLE_POLICY);
    let made = run_each(["report", "--policy", "policy.yaml", "--directory", name]);
    assert_eq!((made.code, made.errors.as_str()), (0, ""));
    assert!(!made.output.contains('\u{202e}'));
    assert!(!made.output.contains("<script>alert"));
    let shown = "&#60;script&#62;alert(1)\\u{202e}lmth.yaml";
    assert!(made.output.contains(shown));
    // The same in the page that lists faults.
    file(name, "version: 1\n");
    let made = run_each(["report", "--policy", "policy.yaml", "--directory", name]);
    assert_eq!(made.code, 3);
    assert!(!made.output.contains('\u{202e}') && !made.errors.contains('\u{202e}'));
    assert!(
        made.output
            .contains(&format!("<h1>{shown} is not valid</h1>"))
    );
}

#[test]
fn a_case_that_fails_and_a_suite_with_a_fault_are_in_the_report() {
    let folder = directory().join("failing");
    let _ = fs::remove_dir_all(&folder);
    assert_eq!(run("init failing --example").code, 0);
    let suite = folder.join("suites/access.suite.yaml");
    let text = fs::read_to_string(&suite).unwrap();
    let wrong = text.replacen(
        "expect: account_not_eligible",
        "expect: { allow: unconfined }",
        1,
    );
    assert_ne!(text, wrong);
    fs::write(&suite, wrong).unwrap();
    let made = run("report failing --now 1764000000");
    assert_eq!((made.code, made.errors.as_str()), (4, ""));
    assert!(made.output.contains("<strong>1 case failed</strong>"));
    assert!(
        made.output
            .contains("<li class=\"bad\"><a href=\"#suites\"><strong>1</strong>")
    );

    fs::write(&suite, "version: 1\nsuite: <b>nothing\n").unwrap();
    let made = run("report failing --now 1764000000");
    assert_eq!(made.code, 3);
    assert!(made.output.contains("suite not valid and not run"));
    assert!(made.output.contains(">invalid</span>") && made.output.contains("id=\"access\""));
    assert!(!made.output.contains("<b>nothing"));
}

#[test]
fn a_report_that_fails_leaves_the_folder_as_it_was() {
    let folder = directory().join("untouched");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("report.html"), "mine").unwrap();
    let broken = EXAMPLE_POLICY.replacen("tickets.view", "tickets.veiw", 1);
    file("broken.yaml", broken);
    for (arguments, code) in [
        ("-o untouched/report.html", 1),
        ("--pack untouched", 1),
        ("-o untouched/report.pdf", 2),
        ("--from 2.0.0 --to 9.9.9 -o untouched/other.html", 2),
    ] {
        assert_eq!(report(arguments).code, code, "{arguments}");
    }
    let refused = run("report --policy broken.yaml --format csv -o untouched/report.csv");
    assert_eq!(refused.code, 3);
    let names: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["report.html"]);
    assert_eq!(
        fs::read_to_string(folder.join("report.html")).unwrap(),
        "mine"
    );
}
