//! The commands of the page of the server, run by a shell as a reader runs them.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::setting::{Running, program};

const PAGE: &str = include_str!("../../../docs/server.md");

/// The block of shell commands with a text in it.
fn block(text: &str) -> &'static str {
    let mut blocks = PAGE
        .split("\n```sh\n")
        .skip(1)
        .map(|rest| rest.split("\n```").next().unwrap());
    blocks.find(|block| block.contains(text)).unwrap()
}

fn shell(folder: &Path, script: &str) -> Output {
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("bash");
    command
        .args(["-euo", "pipefail", "-c", script])
        .current_dir(folder)
        .env("PATH", path);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{script}\n{output:?}");
    output
}

#[test]
fn a_server_of_ones_own_is_made_as_the_page_says() {
    let folder = TempDir::new().unwrap();
    symlink(
        env!("CARGO_BIN_EXE_portcullis-server"),
        folder.path().join("portcullis-server"),
    )
    .unwrap();
    let start = block("--check");
    let (make, run) = start.rsplit_once('\n').unwrap();
    assert_eq!(run, "portcullis-server --config portcullis.yaml");
    let output = shell(
        folder.path(),
        &format!("{}\n{make}", block("mkdir -p gateway/people")),
    );
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        printed.matches("1, 1 of them with a secret").count(),
        2,
        "{printed}"
    );

    let gateway = folder.path().join("gateway");
    let serve = || {
        let mut command = program();
        let command_line = command.arg("--config").arg(gateway.join("portcullis.yaml"));
        command_line
            .env("PORTCULLIS_PUBLIC_ADDRESS", "127.0.0.1:0")
            .env("PORTCULLIS_INNER_ADDRESS", "127.0.0.1:0");
        Running::start(command)
    };
    let create = |server: &Running| {
        let curl = block("curl -u 'ann").replace("127.0.0.1:9001", &server.public.to_string());
        let created = shell(folder.path(), &curl.replacen("curl", "curl -s", 1));
        String::from_utf8(created.stdout).unwrap()
    };
    let server = serve();
    assert!(create(&server).contains("\"secret\":\"pck_"));
    drop(server);

    // The key that was created goes into the data base, too.
    let settings = fs::read_to_string(gateway.join("portcullis.yaml")).unwrap();
    let changed = settings.replace("store: { files: people }", "store: { sqlite: people.db }");
    assert!(PAGE.contains("`store: { sqlite: people.db }`") && settings != changed);
    fs::write(gateway.join("portcullis.yaml"), changed).unwrap();
    let script = "portcullis-server --config portcullis.yaml --create --import people";
    assert!(PAGE.contains("`--create --import people`"));
    let output = shell(&gateway, &format!("PATH=..:$PATH; {script}"));
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(printed.contains("2, 2 of them with a secret"), "{printed}");
    assert!(create(&serve()).contains("\"secret\":\"pck_"));
}
