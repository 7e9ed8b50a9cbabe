//! The two scripts of the vendor's page on authentication, over TLS. Only `HOST` is
//! another one; the page has lost their indentation, which is restored.

use std::process::Command;

use crate::setting::{Folder, digest_line, repository};
use crate::tls::with_tls;

/// The key and the tenant that the scripts have.
const KEY: &str = "eyJhbGciOiJNisI1NiIsInR5cCI6IkpXVCJ9.eyJhcGlfa2V5Ijp7ImtleV9pZCI6ImU5MTRlZCIsInVzZXJfaWQiOiJjN2JkMDI3ZGEzMjc0MDU1YTZkODQ5YTk5N2QxYmUwOCIsIm9yZ19pZCI6IjQ5MGI2MDk2Yjk5ZTQ1ZDY4NTdjOTdjNDA4YjQzMTE4IiwiZXhwIjo0ODk3NzI0MzY3fSwiaWF0IjoxNzQ0MTI0MzY3fQ.ReZlP7DQB4w1UyVw3X1hwppFM4T3lZBxZviHfnVj2Sk";
const TENANT: &str = "817418af76d44358922636e34be9627c";

/// A server at which the key of the scripts is that of a user.
fn folder(enabled: bool) -> Folder {
    let folder = Folder::new();
    let directory = format!(
        "version: 1
tenants: [{TENANT}, other]
groups: {{}}
users:
  c7bd027da3274055a6d849a997d1be08: {{ scope: tenant, tenant: {TENANT}, profile: security_admin, enabled: {enabled} }}
keys:
  e914ed: {{ owner: c7bd027da3274055a6d849a997d1be08, name: script, created_at: 1744124367, expires_at: 4897724367 }}
"
    );
    folder.write("people/directory.yaml", &directory);
    folder.write("people/secrets.sha256", &digest_line("e914ed", KEY));
    with_tls(&folder);
    folder.write(
        "portcullis.yaml",
        &(folder.read("portcullis.yaml") + "example_api: true\n"),
    );
    folder
}

/// Runs a script at this address: whether it succeeded, and what it printed.
fn run(folder: &Folder, script: &str, address: &str) -> (bool, String) {
    let text =
        std::fs::read_to_string(repository("server/tests/vendor_scripts").join(script)).unwrap();
    let host = "\"myserver.stellarcyber.cloud\"";
    assert_eq!(text.matches(host).count(), 1);
    folder.write(script, &text.replace(host, &format!("\"{address}\"")));
    let python = repository("target/server/venv/bin/python");
    let output = Command::new(python)
        .arg(folder.path(script))
        .output()
        .expect("`.ci/server` prepares it");
    (
        output.status.success(),
        String::from_utf8(output.stdout).unwrap(),
    )
}

#[test]
fn the_scripts_get_a_token_and_the_cases_of_their_tenant() {
    let folder = folder(true);
    let server = folder.start();
    let address = server.public.to_string();
    let (succeeded, printed) = run(&folder, "get_token.py", &address);
    assert!(succeeded, "{printed}");
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(
        (lines.len(), lines[0], lines[1]),
        (4, "200", "------------ jwt -------------")
    );
    assert_eq!(lines[2].split('.').count(), 3, "{printed}");

    let (succeeded, printed) = run(&folder, "get_cases.py", &address);
    assert!(succeeded, "{printed}");
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!((lines[0], lines[4]), ("200", "200"), "{printed}");
    let confined = format!("'confinement': {{'one': '{TENANT}'}}");
    assert!(lines[6].contains(&confined), "{printed}");
}

#[test]
fn the_scripts_print_401_where_the_account_is_disabled() {
    let folder = folder(false);
    let server = folder.start();
    for script in ["get_token.py", "get_cases.py"] {
        let (succeeded, printed) = run(&folder, script, &server.public.to_string());
        assert_eq!((succeeded, &*printed), (false, "401\n"), "{script}");
    }
}
