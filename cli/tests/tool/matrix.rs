//! `matrix`: every format covers every cell, and the agreed tables are unchanged.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use portcullis::audit::{Circumstance, Matrix};
use portcullis::scope::ScopeLevel;
use portcullis::{EMBEDDED_POLICY, Policy};

use crate::run::{Run, file, golden, run, run_each, run_example};

fn agreed() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies/stellar-cyber/matrix")
}

fn embedded() -> Arc<Policy> {
    Arc::new(Policy::embedded().unwrap())
}

/// One file for each release, and no other. A change of a decision changes a line
/// that a reviewer reads.
#[test]
fn the_agreed_matrices_are_unchanged() {
    let releases: BTreeSet<String> = embedded()
        .releases()
        .map(|release| release.to_string())
        .collect();
    for release in &releases {
        let Run {
            code,
            output,
            errors,
        } = run(&format!("matrix --release {release} --format markdown"));
        assert_eq!((code, errors.as_str()), (0, ""));
        // Beside the golden files of this crate, hence the way up.
        golden(
            &format!("../../../policies/stellar-cyber/matrix/{release}.md"),
            &output,
        );
    }
    let files = std::fs::read_dir(agreed())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let files: BTreeSet<String> = files
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(files, releases);
}

#[test]
fn the_table_for_people_is_as_agreed() {
    let Run {
        code,
        output,
        errors,
    } = run_example("matrix --release 2.0.0");
    assert_eq!((code, errors.as_str()), (0, ""));
    golden("matrix.txt", &output);
    assert!(output.lines().all(|line| line.chars().count() <= 100));
    golden(
        "matrix-restricted.txt",
        &run_example("matrix --release 2.0.0 --release 2.0.0s --only restricted").output,
    );
}

/// The records of comma-separated values, which hold no line feeds here.
/// The records without their last column, which `provenance.rs` tests.
fn records(text: &str) -> Vec<Vec<String>> {
    let without_last = |line| {
        let mut fields = fields(line);
        fields.pop();
        fields
    };
    text.lines().map(without_last).collect()
}

fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut quoted) = (vec![String::new()], false);
    for character in line.chars() {
        match character {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            other => fields.last_mut().unwrap().push(other),
        }
    }
    fields
}

/// The name of a cell in the legend: account, presentation, key and tenant.
fn name(cell: Circumstance) -> [String; 4] {
    [
        cell.account().as_str(),
        cell.presentation().as_str(),
        cell.key().as_str(),
        cell.tenant().as_str(),
    ]
    .map(str::to_owned)
}

/// Asserts that the marks of a table, read with a legend, give every cell the
/// outcome that the library gives.
fn assert_unfolds(
    matrix: &Matrix,
    mark: impl Fn(usize, usize, ScopeLevel, usize) -> String,
    legend: &BTreeMap<(String, [String; 4]), String>,
) {
    let mut cells = 0;
    for (page, sheet) in matrix.sheets().iter().enumerate() {
        for (row, asked) in matrix.axes().rows().iter().enumerate() {
            for profile in 0..matrix.axes().profiles().len() {
                for scope in ScopeLevel::ALL {
                    let mark = mark(page, row, scope, profile);
                    for cell in asked.circumstances(scope) {
                        let outcome = &legend[&(mark.clone(), name(cell))];
                        assert_eq!(
                            *outcome,
                            sheet.outcome(row, profile, scope, cell).unwrap().as_str()
                        );
                        cells += 1;
                    }
                }
            }
        }
    }
    assert_eq!(matrix.cells(), cells);
}

#[test]
fn csv_and_its_legend_cover_every_cell() {
    let matrix = Matrix::of(&embedded());
    let legend = records(&run("matrix --format csv --legend").output);
    assert_eq!(
        legend[0],
        [
            "mark",
            "account",
            "presentation",
            "key",
            "tenant",
            "outcome"
        ]
    );
    let meaning = |record: &Vec<String>| {
        let [mark, cell @ .., outcome] = record.as_slice() else {
            panic!("{record:?}")
        };
        (
            (mark.clone(), cell.to_vec().try_into().unwrap()),
            outcome.clone(),
        )
    };
    let legend: BTreeMap<(String, [String; 4]), String> = legend[1..].iter().map(meaning).collect();

    let table = records(&run("matrix --format csv").output);
    let (rows, profiles) = (matrix.axes().rows().len(), matrix.axes().profiles().len());
    assert!(
        table.iter().all(|record| record.len() == 5 + 3 * profiles),
        "every record has every field"
    );
    // The records come deployment by deployment, not in the order of the sheets.
    let find = |page: usize, row: usize| {
        let deployment = matrix.sheets()[page].deployment();
        let switch = match (matrix.sheets()[page].has_switch(), deployment.scoped_keys()) {
            (false, _) => "",
            (true, false) => "off",
            (true, true) => "on",
        };
        let row = &matrix.axes().rows()[row];
        let key = [
            &deployment.release().to_string(),
            switch,
            row.method().as_str(),
            &row.template().to_string(),
        ]
        .map(str::to_owned);
        let same = table.iter().filter(|record| {
            [&record[0], &record[1], &record[3], &record[4]] == [&key[0], &key[1], &key[2], &key[3]]
        });
        let same: Vec<_> = same.collect();
        assert_eq!(same.len(), 1, "{key:?}");
        same[0]
    };
    assert_eq!(table.len() - 1, rows * matrix.sheets().len());
    let level = |scope| {
        ScopeLevel::ALL
            .into_iter()
            .position(|other| other == scope)
            .unwrap()
    };
    assert_unfolds(
        &matrix,
        |page, row, scope, profile| find(page, row)[5 + level(scope) * profiles + profile].clone(),
        &legend,
    );
    for (page, sheet) in matrix.sheets().iter().enumerate() {
        assert!((0..rows).all(|row| find(page, row)[2]
            == if sheet.is_restricted(row) {
                "yes"
            } else {
                "no"
            }));
    }
}

#[test]
fn the_json_covers_every_cell() {
    let matrix = Matrix::of(&embedded());
    let Run { code, output, .. } = run("matrix --format json");
    assert_eq!((code, output.lines().count()), (0, 1));
    let json: serde_json::Value = serde_json::from_str(&output).unwrap();
    assert_eq!(json["policy"], matrix.policy().digest().to_string());
    let mut legend = BTreeMap::new();
    for mark in json["marks"].as_array().unwrap() {
        for cells in mark["cells"].as_array().unwrap() {
            for who in cells["who"].as_array().unwrap() {
                for entry in cells["outcomes"].as_array().unwrap() {
                    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
                    let cell = [
                        &who["account"],
                        &who["presentation"],
                        &who["key"],
                        &entry["tenant"],
                    ]
                    .map(text);
                    legend.insert((mark["number"].to_string(), cell), text(&entry["outcome"]));
                }
            }
        }
    }
    let deployments = json["deployments"].as_array().unwrap();
    let find = |page: usize, row: usize| {
        let sheet = &matrix.sheets()[page];
        let (release, switch) = (
            sheet.deployment().release().to_string(),
            sheet
                .has_switch()
                .then_some(sheet.deployment().scoped_keys()),
        );
        let same = |one: &&serde_json::Value| {
            one["release"] == release.as_str() && one["scoped_keys"] == serde_json::json!(switch)
        };
        let row_value = &deployments.iter().find(same).unwrap()["rows"][row];
        assert_eq!(
            row_value["endpoint"],
            matrix.axes().rows()[row].template().to_string()
        );
        row_value
    };
    let level = |scope| {
        ScopeLevel::ALL
            .into_iter()
            .position(|other| other == scope)
            .unwrap()
    };
    assert_unfolds(
        &matrix,
        |page, row, scope, profile| find(page, row)["marks"][level(scope)][profile].to_string(),
        &legend,
    );
}

#[test]
fn filters_keep_what_they_name() {
    let rows = |arguments: &str| {
        records(&run(&format!("matrix --format csv {arguments}")).output).split_off(1)
    };
    let all = rows("--release 5.5.0");
    assert!(all.iter().all(|record| record[0] == "5.5.0"));
    let two = rows("--release 5.5.0 --release 5.4.0");
    assert_eq!(two.len(), 2 * all.len());
    assert_eq!(rows("--release 5.5.0 --profile user")[0].len(), 5 + 3);
    let one = run_each([
        "matrix",
        "--release",
        "5.5.0",
        "--endpoint",
        "GET /cases/{id}",
        "--format",
        "csv",
    ])
    .output;
    assert_eq!(records(&one).len(), 2);
    // An alternation by its written form, an expansion by its own, and both
    // with the base path.
    assert_eq!(
        rows("--release 5.5.0 --endpoint /ingestion-stats/[connector|sensor|log-source|log-type]")
            .len(),
        4
    );
    assert_eq!(
        rows("--release 5.5.0 --endpoint /connect/api/v1/ingestion-stats/sensor").len(),
        1
    );

    let (allowed, denied) = (
        rows("--release 5.5.0 --profile user --only allowed"),
        rows("--release 5.5.0 --profile user --only denied"),
    );
    assert_eq!(allowed.len() + denied.len(), all.len());
    assert!(!allowed.is_empty() && !denied.is_empty());
    assert!(
        denied
            .iter()
            .all(|record| record[5..].iter().all(|mark| !mark.starts_with("allow")))
    );
    let restricted = rows("--release 5.5.0 --only restricted");
    assert!(restricted.iter().all(|record| record[2] == "yes"));
    assert_eq!(
        restricted.len(),
        all.iter().filter(|record| record[2] == "yes").count()
    );
}

#[test]
fn unknown_names_get_the_nearest_name() {
    let errors = |arguments: &[&str]| {
        let Run {
            code,
            output,
            errors,
        } = run_each([&["matrix"], arguments].concat());
        assert_eq!((code, output.as_str()), (2, ""), "{arguments:?}");
        errors
    };
    assert_eq!(
        errors(&["--release", "5.50"]),
        "portcullis: --release: the policy has no release `5.50`; did you mean `5.5.0`?\n"
    );
    assert_eq!(
        errors(&["--profile", "securty_admin"]),
        "portcullis: --profile: the policy has no profile `securty_admin`; did you mean `security_admin`?\n"
    );
    assert_eq!(
        errors(&["--endpoint", "/casse"]),
        "portcullis: --endpoint: the policy has no endpoint `/casse`; did you mean `/cases`?\n"
    );
    assert_eq!(
        errors(&["--endpoint", "POST /cases"]),
        "portcullis: --endpoint: the policy has no endpoint `POST /cases`; `/cases` lists GET\n"
    );
    let unknown = run_example("matrix --release zzz");
    assert_eq!(
        unknown.errors,
        "portcullis: --release: the policy has no release `zzz`; it has 1.0.0, 2.0.0, 2.0.0s\n"
    );
}

#[test]
fn a_filter_that_leaves_nothing_says_so() {
    let Run {
        code,
        output,
        errors,
    } = run("matrix --release 5.4.0 --only restricted");
    assert_eq!((code, output.as_str()), (2, ""));
    assert_eq!(
        errors,
        "portcullis: --only: the release restricts none of these endpoints; drop --only, or another filter\n"
    );
    let Run { code, errors, .. } =
        run("matrix --release 5.5.0 --endpoint /incidents --profile user --only allowed");
    assert_eq!(code, 2);
    assert_eq!(
        errors,
        "portcullis: --only: the profiles may call none of these endpoints; drop --only, or another filter\n"
    );
    // A release without rows says so in its place.
    let some = run("matrix --release 5.4.0 --release 5.5.0 --only restricted").output;
    assert!(
        some.starts_with("release 5.4.0\n\nthe filters leave no endpoint here\n\nrelease 5.5.0\n"),
        "{some}"
    );
}

#[test]
fn many_profiles_are_split_into_tables_that_fit() {
    let custom: String = (0..60)
        .map(|number| format!("  custom_{number}: {{ grants: [cases.view] }}\n"))
        .collect();
    file(
        "many-profiles.yaml",
        EMBEDDED_POLICY.replace("\nprofiles:\n", &format!("\nprofiles:\n{custom}")),
    );
    let Run {
        code,
        output,
        errors,
    } = run("matrix --policy many-profiles.yaml --release 5.5.0");
    assert_eq!((code, errors.as_str()), (0, ""));
    assert!(
        output.lines().all(|line| line.chars().count() <= 140),
        "tables fit, but for the longest templates"
    );
    assert!(output.contains("custom_59"));
    let tables = output
        .lines()
        .filter(|line| line.starts_with("root "))
        .count();
    assert!(tables > 5, "{tables}");
}
