//! `report`: one file that answers every question of an audit.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::report_page::{page, report};
use crate::run::{EXAMPLE_DIRECTORY, EXAMPLE_POLICY, directory, file, run, run_each};

/// Every value of an attribute, in order.
fn values<'p>(page: &'p str, attribute: &str) -> Vec<&'p str> {
    let begin = format!(" {attribute}=\"");
    let rest = page.split(&begin).skip(1);
    rest.map(|text| text.split('"').next().unwrap()).collect()
}

fn remove(name: &str) {
    let path = directory().join(name);
    let _ = fs::remove_file(&path);
    let _ = fs::remove_dir_all(&path);
}

#[test]
fn the_same_inputs_make_the_same_report() {
    for format in ["html", "csv", "json"] {
        let arguments = format!("--from 2.0.0 --to 2.0.0s --format {format}");
        assert_eq!(page(&arguments), page(&arguments), "{format}");
    }
    let mut books = Vec::new();
    for _ in 0..2 {
        remove("book.xlsx");
        assert_eq!(report("-o book.xlsx").code, 0);
        books.push(fs::read(directory().join("book.xlsx")).unwrap());
    }
    assert!(books[0].starts_with(b"PK"));
    assert_eq!(books[0], books[1]);
}

#[test]
fn every_link_leads_to_a_place_and_no_place_is_there_twice() {
    let page = page("--from 2.0.0 --to 2.0.0s");
    let ids = values(&page, "id");
    let known: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(known.len(), ids.len());
    let links = values(&page, "href");
    assert!(links.len() > 500);
    for link in links {
        let place = link.strip_prefix('#').unwrap();
        assert!(known.contains(place), "{link}");
    }
    // Links from elsewhere lead to the same cell for ever.
    for place in [
        "2.0.0s=GET=/tickets/(id)=agent=partner",
        "why=2.0.0=GET=/exports",
        "2.0.0=PUT=/tickets/(id)/status",
        "restricted=GET=/exports",
        "key=root-admin-key",
    ] {
        assert!(known.contains(place), "{place}");
    }
}

#[test]
fn nothing_comes_from_elsewhere_and_only_the_own_script_may_run() {
    let page = page("");
    for outside in [
        "http:",
        "https:",
        "//cdn",
        "@import",
        "url(",
        " src=",
        " style=",
        " onclick=",
    ] {
        assert!(!page.contains(outside), "{outside}");
    }
    let policy = page
        .split("Content-Security-Policy\" content=\"")
        .nth(1)
        .unwrap();
    let policy = policy.split('"').next().unwrap();
    assert!(
        policy.starts_with("default-src &#39;none&#39;; style-src &#39;sha256-"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(page.matches("<script").count(), 1);
}

#[test]
fn every_mark_is_explained_by_the_decision_that_it_stands_for() {
    let report: Value = serde_json::from_str(&page("--format json")).unwrap();
    let columns = report["columns"].as_array().unwrap().len();
    let explained = report["explanations"]["each"].as_array().unwrap();
    let tables = report["access"]["tables"].as_array().unwrap();
    let mut each = explained.iter();
    let mut compared = 0;
    for table in tables {
        for line in table["lines"].as_array().unwrap() {
            let own = each.next().unwrap();
            assert_eq!(own["line"], line["anchor"]);
            for (column, mark) in line["marks"].as_array().unwrap().iter().enumerate() {
                let legend = &table["legend"][usize::try_from(mark.as_u64().unwrap()).unwrap()];
                let code = legend["code"].as_str().unwrap();
                let holds = |held: &&Value| has(held["columns"].as_str(), column);
                let decisions = own["decisions"].as_array().unwrap();
                let text = decisions.iter().find(holds).unwrap()["text"]
                    .as_str()
                    .unwrap();
                // The first question that denies gives the reason.
                let answers = own["answers"].as_array().unwrap().iter();
                let mut own_answers = answers.filter(|answer| {
                    answer["columns"].is_null() || has(answer["columns"].as_str(), column)
                });
                let denies = own_answers.any(|answer| answer["verdict"] == "deny");
                let is_allowed = text.starts_with("allow (");
                assert_eq!(denies, !is_allowed, "{own} {column}");
                assert_eq!(
                    code,
                    if is_allowed { "allow" } else { text },
                    "{own} {column}"
                );
                compared += 1;
            }
        }
    }
    assert!(each.next().is_none() && compared > 500 && columns == 12);
}

/// Whether a hexadecimal number has a bit.
fn has(digits: Option<&str>, bit: usize) -> bool {
    let number = u64::from_str_radix(digits.unwrap(), 16).unwrap();
    number >> bit & 1 == 1
}

#[test]
fn names_from_outside_are_shown_and_never_act() {
    let hostile = "<script>alert(1)</script>=HYPERLINK(1)&\"'";
    let name = serde_json::to_string(hostile).unwrap();
    let key = format!("{{ owner: ann, name: {name}, created_at: 1700000000 }}");
    let long = "k".repeat(64);
    let directory_text = format!(
        "version: 1\ntenants: [alpha]\ngroups: {{}}\nusers:\n  ann: {{ scope: root, profile: super_admin }}\nkeys:\n  {long}: {key}\n"
    );
    let policy = EXAMPLE_POLICY.replacen(
        "release notes of 1.0.0",
        r#""<img src=x onerror=alert(1)>""#,
        1,
    );
    file("hostile.yaml", directory_text);
    file("own.yaml", policy);
    let made = run("report --policy own.yaml --directory hostile.yaml --now 1764000000");
    assert_eq!((made.code, made.errors.as_str()), (0, ""));
    assert!(!made.output.contains("<script>alert") && !made.output.contains("<img"));
    assert!(
        made.output.contains("&#60;img src=x"),
        "the source is not shown"
    );
    assert!(
        made.output.contains("&#60;script&#62;alert(1)"),
        "the name is not shown"
    );
    assert!(made.output.contains(&format!("id=\"key={long}\"")));
}

#[test]
fn a_field_of_a_table_is_never_a_formula() {
    let table = page("--format csv");
    let mut lines = table.lines();
    assert!(lines.next().unwrap().starts_with(
        "release,scoped_keys,method,endpoint,user,profile,scope,decision,reason,confinement,circumstances,provenance"
    ));
    for line in lines {
        let mut fields = line.split(',');
        assert!(
            !fields.any(|field| field.trim_start_matches('"').starts_with(['=', '+', '@'])),
            "{line}"
        );
    }
}

/// An allow of the long table is an allow of the matrix, and the reverse.
#[test]
fn the_long_table_allows_what_the_matrix_allows() {
    let table = page("--format csv");
    let mut allowed = BTreeSet::new();
    for line in table.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        if fields[4].is_empty() && fields[7] == "allow" {
            allowed.insert((fields[0], fields[2], fields[3], fields[6], fields[5]));
        }
    }
    let matrix = run("matrix --policy policy.yaml --format csv").output;
    let mut lines = matrix.lines();
    let heads: Vec<&str> = lines.next().unwrap().split(',').collect();
    let mut expected = BTreeSet::new();
    for line in lines.clone() {
        let fields: Vec<&str> = line.split(',').collect();
        for (head, mark) in heads.iter().zip(&fields) {
            if let Some((scope, profile)) = head.split_once(' ')
                && mark.starts_with("allow")
            {
                expected.insert((fields[0], fields[3], fields[4], scope, profile));
            }
        }
    }
    assert!(expected.len() > 200);
    assert_eq!(allowed, expected);
}

#[test]
fn a_file_that_exists_is_kept_unless_it_may_be_replaced() {
    file("kept.html", "mine");
    let refused = report("-o kept.html");
    assert_eq!(refused.code, 1);
    assert_eq!(
        refused.errors,
        "portcullis: `kept.html` exists; give another name, or --overwrite\n"
    );
    let kept = fs::read_to_string(directory().join("kept.html")).unwrap();
    assert_eq!(kept, "mine");
    assert_eq!(report("-o kept.html --overwrite").code, 0);
    let replaced = fs::read_to_string(directory().join("kept.html")).unwrap();
    assert!(replaced.starts_with("<!DOCTYPE html>") && replaced.ends_with("</html>"));
}

#[test]
fn what_cannot_be_written_leaves_nothing_behind() {
    remove("empty");
    fs::create_dir(directory().join("empty")).unwrap();
    file("no-folder", "");
    for output in [
        "-o no-folder/report.html",
        "-o missing/report.html",
        "-o empty --format html --overwrite",
        "--pack missing/pack",
        "--pack empty",
    ] {
        let failed = report(output);
        assert_eq!(failed.code, 1, "{output}: {}", failed.errors);
        assert!(
            failed.errors.starts_with("portcullis: "),
            "{}",
            failed.errors
        );
    }
    let names = fs::read_dir(directory()).unwrap();
    let names: Vec<String> = names
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(
        !names.iter().any(|name| name.starts_with(".portcullis")),
        "{names:?}"
    );
    assert_eq!(fs::read_dir(directory().join("empty")).unwrap().count(), 0);
}

#[test]
fn a_document_with_a_fault_shows_nothing_but_the_fault() {
    let broken = EXAMPLE_POLICY.replacen("tickets.view", "tickets.veiw", 1);
    file("broken.yaml", broken);
    let made = run("report --policy broken.yaml --now 1764000000");
    assert_eq!(made.code, 3);
    assert!(made.errors.starts_with("broken.yaml:"), "{}", made.errors);
    assert!(made.output.contains("broken.yaml is not valid"));
    assert!(made.output.contains("tickets.veiw") && !made.output.contains("id=\"access\""));
    for format in ["csv", "xlsx", "json"] {
        let made = run(&format!("report --policy broken.yaml --format {format}"));
        assert_eq!((made.code, made.output.as_str()), (3, ""), "{format}");
    }
    file("policy.yaml", EXAMPLE_POLICY);
    file(
        "lost.yaml",
        EXAMPLE_DIRECTORY.replacen("group: one", "group: noe", 1),
    );
    let made = run("report --policy policy.yaml --directory lost.yaml");
    assert_eq!(made.code, 3);
    assert!(made.output.contains("lost.yaml is not valid"));
}

#[test]
fn a_directory_without_anybody_makes_a_report() {
    file("policy.yaml", EXAMPLE_POLICY);
    file(
        "nobody.yaml",
        "version: 1\ntenants: []\ngroups: {}\nusers: {}\nkeys: {}\n",
    );
    let arguments = "report --policy policy.yaml --directory nobody.yaml --from 2.0.0 --to 2.0.0s --now 1764000000";
    let made = run(arguments);
    assert_eq!((made.code, made.errors.as_str()), (0, ""));
    assert!(
        made.output
            .contains("nobody may call a restricted endpoint")
    );
    assert!(made.output.contains("0 keys, 0 with a finding"));
}

#[test]
fn a_pack_holds_until_something_changes() {
    remove("pack");
    let written = report("--from 2.0.0 --to 2.0.0s --pack pack");
    assert_eq!((written.code, written.errors.as_str()), (0, ""));
    let verify = || run("report --verify pack --policy policy.yaml");
    let found = verify();
    assert_eq!(found.code, 0, "{}", found.output);
    assert!(
        found
            .output
            .ends_with("holds: 5 files, and the documents in use are the same\n")
    );

    let pack = directory().join("pack");
    let sums = fs::read_to_string(pack.join("SHA256SUMS")).unwrap();
    assert_eq!(sums.lines().count(), 6);
    let table = fs::read_to_string(pack.join("report.csv")).unwrap();
    fs::write(pack.join("report.csv"), table.replacen("deny", "allow", 1)).unwrap();
    fs::remove_file(pack.join("report.xlsx")).unwrap();
    fs::write(pack.join("notes.txt"), "").unwrap();
    let policy = fs::read_to_string(pack.join("policy.yaml")).unwrap();
    fs::write(
        pack.join("policy.yaml"),
        policy.replacen("agent", "agents", 1),
    )
    .unwrap();
    file(
        "policy.yaml",
        EXAMPLE_POLICY.replacen(
            "tickets.comment,\n        activity.view,",
            "tickets.comment,",
            1,
        ),
    );
    let found = run("report --verify pack --policy policy.yaml --directory directory.yaml");
    assert_eq!(found.code, 7, "{}{}", found.output, found.errors);
    for difference in [
        "no longer holds: report.csv was changed\n",
        "no longer holds: report.xlsx is missing\n",
        "no longer holds: notes.txt was added\n",
        "no longer holds: policy.yaml was changed\n",
        "no longer holds: policy.yaml is not the policy of the manifest, ",
        "no longer holds: the policy in use, policy.yaml, has the digest ",
    ] {
        assert!(
            found.output.contains(difference),
            "{difference}{}",
            found.output
        );
    }
    assert!(
        !found.output.contains("the directory in use"),
        "{}",
        found.output
    );

    let manifest = fs::read_to_string(pack.join("manifest.json")).unwrap();
    let elsewhere = manifest.replacen("report.csv", "../policy.yaml", 1);
    fs::write(pack.join("manifest.json"), elsewhere).unwrap();
    let refused = verify();
    assert_eq!(refused.code, 3);
    assert!(
        refused
            .errors
            .contains("`../policy.yaml` is not the name of a file")
    );
}

#[test]
fn the_format_follows_the_ending_of_the_file() {
    let refused = report("-o report.pdf");
    assert_eq!(refused.code, 2);
    assert_eq!(
        refused.errors,
        "portcullis: --output: no format has the ending `.pdf`; give --format\n"
    );
    for (name, begin) in [
        ("r.csv", "release,"),
        ("r.json", "{"),
        ("r.htm", "<!DOCTYPE"),
    ] {
        remove(name);
        assert_eq!(
            run_each(["report", "--release", "5.5.0", "-o", name]).code,
            0
        );
        let text = fs::read_to_string(directory().join(name)).unwrap();
        assert!(text.starts_with(begin), "{name}");
    }
}
