//! The pages show the files that the tests run.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::corpus;
use crate::setting::file;

const PAGES: [(&str, &[&str]); 5] = [
    ("nginx.md", &["nginx.conf"]),
    ("caddy.md", &["Caddyfile"]),
    ("haproxy.md", &["haproxy.cfg", "portcullis.lua"]),
    ("traefik.md", &["traefik-routes.yaml"]),
    ("envoy.md", &["envoy-grpc.yaml", "envoy.yaml"]),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn page(name: &str) -> String {
    fs::read_to_string(root().join("docs").join(name))
        .unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn names_in(folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(root().join(folder)).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn every_page_shows_the_files_that_the_tests_run() {
    for (name, files) in PAGES {
        let page = page(&format!("proxies/{name}"));
        for file_name in files {
            // With the language of the block, whatever it is.
            let (before, _) = page
                .split_once(&format!("\n{}```\n", file(file_name)))
                .unwrap_or_else(|| panic!("{name} does not show {file_name} as it is"));
            let opening = before.lines().last().unwrap();
            assert!(opening.starts_with("```"), "{name}: {opening}");
            assert!(
                page.contains(&format!("host/proxies/{file_name}")),
                "{name}"
            );
        }
    }
}

#[test]
fn every_file_and_every_page_is_known() {
    let pages: BTreeSet<String> = PAGES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names_in("docs/proxies"), pages);
    let files = PAGES.iter().flat_map(|(_, files)| *files);
    let files: BTreeSet<String> = files
        .copied()
        .chain(["requests.txt"])
        .map(str::to_owned)
        .collect();
    assert_eq!(names_in("host/proxies"), files);
    let overview = page("proxies.md");
    let hostile = corpus::all("").len();
    assert!(overview.contains(&format!("the {hostile} hostile requests")));
    for name in pages {
        assert!(overview.contains(&format!("(proxies/{name})")), "{name}");
    }
}
