//! `import openapi`: the policy that is printed loads, and what is not in it is
//! named.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::run::{Run, command, file, finish, golden, run};

/// Copies a document of `tests/openapi` to where the tool runs.
fn document(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/openapi")
        .join(name);
    file(name, std::fs::read(path).unwrap());
}

/// Imports a text from standard input.
fn import(text: impl Into<Vec<u8>>, arguments: &[&str]) -> Run {
    let all = ["import", "openapi", "-"].iter().chain(arguments);
    finish(&mut command(all), text.into())
}

/// Whether a policy loads, as it was printed.
fn assert_loads(policy: &str, what: &str) {
    file("policy.yaml", policy);
    let checked = run("check --policy policy.yaml");
    assert_eq!(checked.code, 0, "{what}: {}\n{policy}", checked.errors);
}

/// What is agreed on: the exit code, what is named, and the policy.
fn agreed(name: &str, arguments: &str) -> Run {
    let imported = run(arguments);
    let Run {
        code,
        output,
        errors,
    } = &imported;
    golden(name, &format!("exit code {code}\n{errors}\n{output}"));
    assert_loads(output, name);
    imported
}

#[test]
fn every_convention_of_paths() {
    document("conventions.yaml");
    let imported = agreed("import-conventions.txt", "import openapi conventions.yaml");
    assert_eq!(imported.code, 0, "everything is taken over");
}

#[test]
fn what_is_lost_is_named() {
    document("lost.json");
    let imported = agreed("import-lost.txt", "import openapi lost.json");
    assert_eq!(imported.code, 7, "something is lost");
}

#[test]
fn several_base_paths_make_whole_paths() {
    document("servers.yaml");
    agreed("import-servers.txt", "import openapi servers.yaml");
    let based = run("import openapi servers.yaml --base-path /gateway/");
    assert!(
        based.output.contains("\nbase_path: /gateway\n"),
        "{}",
        based.output
    );
}

#[test]
fn what_the_document_says_of_credentials() {
    document("security.yaml");
    agreed("import-security.txt", "import openapi security.yaml");
    agreed(
        "import-public.txt",
        "import openapi security.yaml --public --tenant-path org --privilege-from scope --release 5.5.0 --grant user=read --grant clerk=write",
    );
}

#[test]
fn tails_have_their_plain_forms_beside_plain_neighbours() {
    document("tails.yaml");
    let imported = agreed("import-tails.txt", "import openapi tails.yaml");
    assert_eq!(imported.code, 0, "everything is taken over");
}

#[test]
fn look_alikes_need_the_privileges_of_both() {
    document("pairs.yaml");
    let imported = agreed(
        "import-pairs.txt",
        "import openapi pairs.yaml --privilege-from operation-id",
    );
    assert_eq!(imported.code, 0, "nothing is left out");
    let tags = run("import openapi pairs.yaml --privilege-from tag");
    assert_loads(&tags.output, "by tag");
    assert!(
        tags.errors.contains("the operation has no tag"),
        "{}",
        tags.errors
    );
}

#[test]
fn what_is_not_an_openapi_document() {
    let deep = format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000));
    for (text, problem) in [
        (
            "",
            ": this is not an OpenAPI document: it has neither `openapi` nor `swagger`, it is nothing",
        ),
        (
            "openapi: 3.0.3\npaths: [",
            "3:1: this is not YAML: did not find expected node content, while parsing a flow node",
        ),
        (
            "openapi: 3.0.3\n\tpaths: {}",
            "2:1: this is not YAML: found a tab character that violates indentation, while scanning a plain scalar at line 1 column 10",
        ),
        (
            "{\"openapi\": \"3.0.3\",\n \"paths\": {}",
            "2:12: this is not JSON: EOF while parsing an object",
        ),
        (
            "{\"openapi\": \"3.0.3\", \"paths\": nonsense",
            "1:32: this is not JSON: expected ident",
        ),
        (
            "version: 1\npaths: {}",
            ": this is not an OpenAPI document: it has neither `openapi` nor `swagger`",
        ),
        (
            "- a\n- b",
            ": this is not an OpenAPI document: it has neither `openapi` nor `swagger`, it is a list",
        ),
        (
            "just text",
            ": this is not an OpenAPI document: it has neither `openapi` nor `swagger`, it is a text or a number",
        ),
        (
            "swagger: \"1.2\"",
            ": #/swagger: version `1.2` of the format is not read, only 3.0, 3.1, 3.2 and 2.0",
        ),
        (
            "openapi: 4.0.0",
            ": #/openapi: version `4.0.0` of the format is not read, only 3.0, 3.1, 3.2 and 2.0",
        ),
        (
            "openapi: 3.0.3\npaths: [/a]",
            ": #/paths: `paths` is a map, this is a list",
        ),
        (
            "openapi: 3.0.3\ninfo: {version: 1}",
            ": the document has no operation that a policy can list",
        ),
        (
            "openapi: 3.0.3\npaths: {}\n---\nopenapi: 3.0.3",
            ": this is not YAML: deserializing from YAML containing more than one document is not supported",
        ),
        ("a: *missing", "1:4: this is not YAML: unknown anchor"),
        (&deep, "1:128: this is not JSON: recursion limit exceeded"),
    ] {
        let refused = import(text, &[]);
        assert_eq!((refused.code, &*refused.output), (3, ""), "{text}");
        let errors: Vec<&str> = refused.errors.lines().collect();
        let expected = format!(
            "-{}{problem}",
            if problem.starts_with(':') { "" } else { ":" }
        );
        assert_eq!(errors.last().copied(), Some(&*expected), "{text}");
    }
    let bytes = import(*b"openapi: 3.0.3\n# \xff", &[]);
    assert_eq!(
        (bytes.code, &*bytes.errors),
        (3, "-:2:3: the text is not UTF-8\n")
    );
    let missing = run("import openapi missing.yaml");
    assert_eq!(missing.code, 1, "{}", missing.errors);
}

#[test]
fn flags_that_make_no_sense() {
    let text = "openapi: 3.0.3\npaths: {\"/a/{id}\": {get: {}}}";
    for (arguments, problem) in [
        (
            ["--tenant-path", "org"],
            "portcullis: no path of - has a parameter `org`\n",
        ),
        (
            ["--grant", "super_admin=read"],
            "`super_admin` holds every privilege",
        ),
        (["--grant", "user"], "write PROFILE=read or PROFILE=write"),
        (["--base-path", "api"], "a base path begins with `/`"),
        (["--release", "new"], "'new'"),
    ] {
        let refused = import(text, &arguments);
        assert_eq!((refused.code, &*refused.output), (2, ""), "{arguments:?}");
        assert!(refused.errors.contains(problem), "{}", refused.errors);
    }
}

#[test]
fn a_byte_order_mark_and_an_alias_are_read() {
    let text = "\u{feff}openapi: 3.0.3\nsecurity: [{key: []}]\nservers: [{url: /api}]\ninfo: {version: 1.0.0}\nx: &x {get: {}}\npaths: {/a: *x, /b: {<<: [*x, {put: {}}]}}\n";
    let imported = import(text, &[]);
    assert_eq!((imported.code, &*imported.errors), (0, ""));
    let paths = "  # a: 1 endpoint\n  - path: /a\n    methods: { GET: a.read }\n  # b: 2 endpoints\n  - path: /b\n    methods: { GET: b.read, PUT: b.write }\n";
    assert!(imported.output.contains(paths), "{}", imported.output);
}

#[test]
fn fifty_thousand_paths_are_too_many_for_a_policy() {
    let mut text = String::from("{\"openapi\":\"3.0.3\",\"paths\":{\"/p\":{}");
    for number in 0..50_000 {
        write!(text, ",\"/p/{number}/{{id}}\":{{\"get\":{{}}}}").unwrap();
    }
    text.push_str("}}");
    let began = Instant::now();
    let refused = import(text, &[]);
    assert_eq!((refused.code, &*refused.output), (3, ""));
    assert_eq!(
        refused.errors,
        "-: the document has 50000 templates, and a policy takes 10000; import a part of it\n"
    );
    assert!(began.elapsed() < Duration::from_secs(60));
}

/// Texts that look like parts of paths, and numbers that are not random.
struct Paths(u64);

impl Paths {
    fn below(&mut self, most: u64) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % most).unwrap()
    }

    fn path(&mut self) -> String {
        const PARTS: [&str; 40] = [
            "a",
            "A",
            "b_c",
            "b-c",
            "{id}",
            "{id}",
            "{name}",
            "{x...}",
            "{+y}",
            "{z*}",
            "{a}{b}",
            "{id}.json",
            "{id}:go",
            "v{n}",
            "$count",
            ".well-known",
            "a.b",
            "a.",
            "..",
            ".",
            "%20",
            "%41",
            "é",
            " ",
            "*",
            "f(x={x})",
            "'",
            "{",
            "}",
            "[a|b]",
            "[",
            "{id:text}",
            "{}",
            "a:b",
            "-",
            "~",
            "tenants",
            "{tenantId}",
            "{v=a/*/**}",
            "?q=1",
        ];
        let mut path = String::new();
        for _ in 0..=self.below(5) {
            path.push('/');
            for _ in 0..=self.below(8) / 6 {
                path.push_str(PARTS[self.below(40)]);
            }
        }
        if self.below(5) == 0 {
            path.push('/');
        }
        path
    }
}

#[test]
fn whatever_the_paths_are_the_policy_loads_or_the_place_is_named() {
    let mut paths = Paths(7);
    let mut whole = 0;
    for round in 0..40 {
        let base = ["/", "/api", "/a", "/Api/v1.0"][round % 4];
        let mut document = serde_json::json!({
            "openapi": "3.0.3",
            "info": { "version": "1.0.0" },
            "servers": [{ "url": base }],
            "security": [{ "key": [] }],
            "paths": {},
        });
        for _ in 0..=paths.below(25) {
            let item = match paths.below(3) {
                0 => serde_json::json!({ "get": {} }),
                1 => {
                    let id = format!("op{}", paths.below(9));
                    serde_json::json!({ "get": { "operationId": id }, "post": {} })
                }
                _ => serde_json::json!({ "put": { "security": [] }, "delete": {} }),
            };
            document["paths"][paths.path()] = item;
        }
        let text = document.to_string();
        let source = ["area", "operation-id"][round % 2];
        let imported = import(&*text, &["--privilege-from", source]);
        match imported.code {
            0 => {
                whole += 1;
                assert_loads(&imported.output, &text);
                file("openapi.json", &text);
                let drift = run("drift openapi.json --policy policy.yaml");
                assert_eq!(drift.code, 0, "{}{}", drift.output, drift.errors);
            }
            7 => {
                assert_loads(&imported.output, &text);
                assert!(imported.errors.contains(" not taken over"), "{text}");
            }
            3 => {
                assert_eq!(imported.output, "", "{text}");
                assert!(
                    imported.errors.contains(": the document has no operation"),
                    "{}\n{text}",
                    imported.errors
                );
            }
            code => panic!("exit code {code}: {}\n{text}", imported.errors),
        }
        for line in imported
            .errors
            .lines()
            .filter(|line| line.contains(" not taken over"))
        {
            let named = line.contains("#/") || line.starts_with("-: ");
            assert!(named, "{line}");
        }
    }
    assert!(whole >= 1, "no document is taken over whole");
}
