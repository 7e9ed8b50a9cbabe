//! The commonest changes of a policy: what `diff` and `test` print of each is the
//! answer, and fits on one screen.

use std::fs;

use portcullis::policy::EMBEDDED_SUITES;
use portcullis::{EMBEDDED_DIRECTORY, EMBEDDED_POLICY};

use crate::run::{directory, file, golden, run};

/// The screen.
const LINES: usize = 60;
const COLUMNS: usize = 100;

/// A change: its name, what is replaced, and the exit code of `test`.
struct Change {
    name: &'static str,
    edits: &'static [(&'static str, &'static str)],
    tested: i32,
}

const CHANGES: &[Change] = &[
    Change {
        name: "new-endpoint",
        edits: &[(
            "  # --- usage and ingestion ---\n",
            "  # --- playbooks ---

  - path: /playbooks
    methods: { GET: respond.playbooks.view, POST: respond.playbooks.add }
  - path: /playbooks/{id}
    methods: { GET: respond.playbooks.view, PUT: respond.playbooks.edit, DELETE: respond.playbooks.delete }
  - path: /playbooks/{id}/runs
    methods: { GET: respond.playbooks.view, POST: respond.playbooks.edit }

  # --- usage and ingestion ---
",
        )],
        tested: 4,
    },
    Change {
        name: "removed-endpoint",
        edits: &[(
            "  - path: /report-configs/{id}/data\n    methods: { GET: reports.view }\n    source: third-party client\n",
            "",
        )],
        tested: 3,
    },
    Change {
        name: "new-method",
        edits: &[(
            "methods: { GET: cases.view, PUT: cases.edit }",
            "methods: { GET: cases.view, PUT: cases.edit, DELETE: cases.delete }",
        )],
        tested: 4,
    },
    Change {
        name: "privilege-granted",
        edits: &[(
            "        cases.edit, cases.comment, cases.add,\n",
            "        cases.edit, cases.comment, cases.add, cases.delete,\n",
        )],
        tested: 4,
    },
    Change {
        name: "privilege-taken",
        edits: &[(
            "        cases.view, alerts.view, detections.view,",
            "        cases.view, detections.view,",
        )],
        tested: 4,
    },
    Change {
        name: "new-profile",
        edits: &[(
            "  # Everything but profiles, external",
            "  case_manager:
    inherits: [user]
    grants: [cases.edit, cases.comment, cases.delete]

  # Everything but profiles, external",
        )],
        tested: 0,
    },
    Change {
        name: "new-release",
        edits: &[("\nreleases:\n", UPGRADE)],
        tested: 3,
    },
    Change {
        name: "row-removed",
        edits: &[],
        tested: 4,
    },
    Change {
        name: "endpoint-privilege",
        edits: &[(
            "methods: { GET: system.users.activity.view }",
            "methods: { GET: system.users.view }",
        )],
        tested: 4,
    },
    Change {
        name: "administration",
        edits: &[(
            "administration: system.users.edit",
            "administration: system.users.view",
        )],
        tested: 4,
    },
    Change {
        name: "base-path",
        edits: &[("base_path: /connect/api/v1", "base_path: /connect/api/v2")],
        tested: 4,
    },
    Change {
        name: "tenant-mode",
        edits: &[(
            "methods: { GET: hunting.raw_query, POST: hunting.raw_query }\n    tenant: platform",
            "methods: { GET: hunting.raw_query, POST: hunting.raw_query }\n    tenant: scoped",
        )],
        tested: 4,
    },
];

/// The next release on premises, which restricts more.
const UPGRADE: &str = "
releases:
  \"5.6.0\":
    access: scoped
    techniques: [basic, token]
    restricted:
      - /storage-usages
      - /storage-usages/daily_and_monthly
      - /incidents
      - /entity_usages/entity_list/{scope}
      - /reset_user
      - /ingestion-stats
      - /data
      - /update_ser
      - \"/security_events/{index}/[id|tags|status|comment]\"
      - /insert_ser
      - /insert_ser_bulk
      - /incidents/{id}/observables
      - \"/ingestion-stats/[connector|sensor|log-source|log-type]\"
      - /security_events/{index}/{id}
      - \"/security_events/{index}/{id}/[tags|status|comment]\"
      - /tenant_groups
      - /tenant_groups/
      - /tenant_groups/{id}
      - /user_activities
    open_beneath: []

";

/// Checks that a text fits on the screen.
fn assert_fits(name: &str, text: &str) {
    let lines = text.lines().count();
    assert!(lines <= LINES, "{name}: {lines} lines\n{text}");
    // A command is on one line, so that it can be copied.
    let is_text = |line: &&str| !line.trim_start().starts_with("portcullis authorize ");
    let lines = text.lines().filter(is_text);
    let widest = lines.map(|line| line.chars().count()).max();
    assert!(
        widest <= Some(COLUMNS),
        "{name}: {widest:?} columns\n{text}"
    );
}

/// The changed policy. The row is one of the last release.
fn edited(change: &Change) -> String {
    if change.name == "row-removed" {
        let (before, last) = EMBEDDED_POLICY.rsplit_once("  \"5.5.0s\":\n").unwrap();
        let row = "      - /reset_user\n";
        assert_eq!(last.matches(row).count(), 1);
        return format!("{before}  \"5.5.0s\":\n{}", last.replace(row, ""));
    }
    let mut text = EMBEDDED_POLICY.to_owned();
    for (from, to) in change.edits {
        assert_eq!(text.matches(from).count(), 1, "{from}");
        text = text.replace(from, to);
    }
    text
}

#[test]
fn the_commonest_changes_fit_on_one_screen() {
    file("live.yaml", EMBEDDED_POLICY);
    for change in CHANGES {
        let name = change.name;
        fs::create_dir_all(directory().join("new")).unwrap();
        file("new/policy.yaml", edited(change));
        file("new/directory.yaml", EMBEDDED_DIRECTORY);
        for (suite, text) in EMBEDDED_SUITES {
            file(&format!("new/{suite}"), text);
        }
        let diff = "diff live.yaml new/policy.yaml --fail-on any";
        let ended = run(diff);
        assert_eq!((ended.code, ended.errors.as_str()), (7, ""), "{name}");
        assert_fits(name, &ended.output);
        let tested = run("test new");
        let output = format!("{}{}", tested.output, tested.errors);
        assert_eq!(tested.code, change.tested, "{name}\n{output}");
        // A fault shows the line of the file, however long that is.
        assert_fits(name, &tested.output);
        assert!(output.lines().count() <= LINES, "{name}\n{output}");
        golden(
            &format!("common-{name}.txt"),
            &format!(
                "$ portcullis {diff}\n{}\n$ portcullis test new\n{output}",
                ended.output
            ),
        );
        // Nothing is lost: everything is listed on demand, and counted.
        let full = run(&format!("{diff} --full")).output;
        assert!(full.lines().count() >= ended.output.lines().count());
    }
    assert!(CHANGES.len() >= 10);
}

#[test]
fn the_step_to_scoped_keys_fits_on_one_screen() {
    let ended = run("diff --from 5.5.0 --to 5.5.0s --fail-on any");
    assert_eq!((ended.code, ended.errors.as_str()), (7, ""));
    assert_fits("5.5.0s", &ended.output);
    golden("common-upgrade.txt", &ended.output);
}

/// Six methods that need other privileges.
const SIX: &[(&str, &str)] = &[
    (
        "methods: { GET: system.users.activity.view }",
        "methods: { GET: system.users.view }",
    ),
    (
        "methods: { GET: cases.view, PUT: cases.edit }",
        "methods: { GET: cases.edit, PUT: cases.view }",
    ),
    (
        "methods: { GET: cases.view, POST: cases.comment }",
        "methods: { GET: cases.comment, POST: cases.view }",
    ),
    (
        "  - path: /users\n    methods: { GET: system.users.view }",
        "  - path: /users\n    methods: { GET: system.users.edit }",
    ),
];

/// One line for each mistake, whatever the number of requests; with `--full` each
/// request, as many as a case lists.
#[test]
fn a_failure_is_one_line_for_each_distinct_mistake() {
    let change = Change {
        name: "six",
        edits: SIX,
        tested: 4,
    };
    fs::create_dir_all(directory().join("six")).unwrap();
    file("six/policy.yaml", edited(&change));
    file("six/directory.yaml", EMBEDDED_DIRECTORY);
    for (suite, text) in EMBEDDED_SUITES {
        file(&format!("six/{suite}"), text);
    }
    let short = run("test six");
    assert_eq!(short.code, change.tested);
    assert_fits("six", &short.output);
    golden("common-six-methods.txt", &short.output);
    let full = run("test six --full");
    assert_eq!(full.code, change.tested);
    assert!(full.output.lines().count() > 200, "{}", full.output);
    // Programs read each case, as ever.
    let json = |flags: &str| -> serde_json::Value {
        let ended = run(&format!("test six --format json {flags}"));
        serde_json::from_str(&ended.output).unwrap()
    };
    assert_eq!(json("")["suites"], json("--full")["suites"]);
    let json = json("");
    let failed: u64 = json["suites"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|suite| suite["cases"].as_array().unwrap())
        .map(|case| case["failed"].as_u64().unwrap())
        .sum();
    let joined = short.output.replace("\n    ", " ");
    let requests = joined.lines().filter_map(|line| {
        let (_, counts) = line.split_once("; ")?;
        let (count, _) = counts.split_once(" request")?;
        line.contains(": expected ")
            .then(|| count.parse::<u64>().unwrap())
    });
    assert_eq!(requests.sum::<u64>(), failed);
}
