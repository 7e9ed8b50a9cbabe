//! Prints the medians of the last run of the bench, and their ratios, as
//! Markdown.
//!
//! The argument is criterion's directory; without one it is looked for where
//! criterion puts it.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::Value;

const RESOLVED: &str = "portcullis, resolved values";
const STRINGS: &str = "portcullis, strings";
const ROUTER: &str = "matchit";
const FLOOR_RESOLVED: &str = "floor, resolved values";
const FLOOR_STRINGS: &str = "floor, strings";

/// Medians in nanoseconds per decision, by endpoints and by engine.
type Medians = BTreeMap<u32, BTreeMap<String, f64>>;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    let directory = std::env::args_os().nth(1);
    match print(&directory.map_or_else(directory_of_criterion, PathBuf::from)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn print(directory: &Path) -> Result<()> {
    let medians = medians(&directory.join("peers"))?;
    print_engines(&medians)?;
    println!();
    print_sizes(&medians)
}

/// Where criterion writes if nobody tells it otherwise.
fn directory_of_criterion() -> PathBuf {
    let variable = |name| std::env::var_os(name).map(PathBuf::from);
    let target = || {
        variable("CARGO_TARGET_DIR")
            .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target"))
    };
    variable("CRITERION_HOME").unwrap_or_else(|| target().join("criterion"))
}

/// Reads every median below the directory of the group.
fn medians(group: &Path) -> Result<Medians> {
    let mut medians = Medians::new();
    for engine in entries(group)? {
        for size in entries(&engine)? {
            let (benchmark, estimates) = (
                size.join("new/benchmark.json"),
                size.join("new/estimates.json"),
            );
            if !estimates.exists() {
                continue; // a directory of criterion's own reports
            }
            let (benchmark, estimates) = (read(&benchmark)?, read(&estimates)?);
            let fault = || format!("{}: not what criterion 0.8 writes", size.display());
            let name = benchmark["function_id"].as_str().ok_or_else(fault)?;
            let endpoints = benchmark["value_str"].as_str().ok_or_else(fault)?.parse()?;
            let decisions = benchmark["throughput"]["Elements"]
                .as_f64()
                .ok_or_else(fault)?;
            let median = estimates["median"]["point_estimate"]
                .as_f64()
                .ok_or_else(fault)?;
            let engines: &mut BTreeMap<_, _> = medians.entry(endpoints).or_default();
            engines.insert(name.to_owned(), median / decisions);
        }
    }
    Ok(medians)
}

fn entries(directory: &Path) -> Result<Vec<PathBuf>> {
    let named = |error| format!("{}: {error}; run `cargo bench` first", directory.display());
    let entries = fs::read_dir(directory).map_err(named)?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let paths: Vec<PathBuf> = paths.collect::<std::io::Result<_>>()?;
    Ok(paths.into_iter().filter(|path| path.is_dir()).collect())
}

fn read(path: &Path) -> Result<Value> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(serde_json::from_str(&text)?)
}

/// One median, or which part of the bench must still be run.
fn median(engines: &BTreeMap<String, f64>, name: &str) -> Result<f64> {
    let median = engines.get(name).copied();
    median.ok_or_else(|| {
        format!("`{name}` was not measured; run `cargo bench` without a filter").into()
    })
}

/// All engines at the size at which all were measured, the fastest first.
fn print_engines(medians: &Medians) -> Result<()> {
    let Some((endpoints, engines)) = medians.first_key_value() else {
        return Err("nothing was measured; run `cargo bench` first".into());
    };
    let (strings, resolved) = (median(engines, STRINGS)?, median(engines, RESOLVED)?);
    let mut rows: Vec<_> = engines.iter().filter(|(name, _)| *name != ROUTER).collect();
    rows.sort_by(|one, other| one.1.total_cmp(other.1));
    println!(
        "| {endpoints} endpoints | ns per decision | ÷ ours, strings | ÷ ours, resolved values |"
    );
    println!("|---|---:|---:|---:|");
    for (name, median) in rows {
        println!(
            "| {name} | {median:.1} | {:.1} | {:.1} |",
            median / strings,
            median / resolved
        );
    }
    Ok(())
}

/// Ours beside routing alone, at each size.
fn print_sizes(medians: &Medians) -> Result<()> {
    println!(
        "| endpoints | ours, resolved values, ns | ours, strings, ns | `matchit` alone, ns | strings ÷ matchit | resolved values ÷ floor | strings ÷ floor |"
    );
    println!("|---:|---:|---:|---:|---:|---:|---:|");
    for (endpoints, engines) in medians {
        let (resolved, strings) = (median(engines, RESOLVED)?, median(engines, STRINGS)?);
        let router = median(engines, ROUTER)?;
        let ratio = strings / router;
        let above_resolved = resolved / median(engines, FLOOR_RESOLVED)?;
        let above_strings = strings / median(engines, FLOOR_STRINGS)?;
        println!(
            "| {endpoints} | {resolved:.1} | {strings:.1} | {router:.1} | {ratio:.2} | {above_resolved:.2} | {above_strings:.2} |"
        );
    }
    Ok(())
}
