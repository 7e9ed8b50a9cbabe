//! Lines of a batch that are answered together: by the directory, where they name
//! its users and keys, with the same answers as one by one and in full.

use std::io::{self, Read};
use std::sync::Arc;

use portcullis::{Directory, EMBEDDED_DIRECTORY, Policy, Scope};
use portcullis_cli::answer_lines;
use serde_json::{Value, json};

use crate::request::{request, with};

/// The users have keys of either kind and state; an address has a blank in it,
/// and one is of another form than addresses are.
const ODD: &str = "\
version: 1
tenants: [alpha, beta]
groups: { one: [alpha], none: [] }
users:
  ann: { scope: root, profile: super_admin, email: \"ann smith@example.com\" }
  bob: { scope: partner, group: one, profile: user, email: \"@\" }
  cid: { scope: partner, group: none, profile: user }
  dan: { scope: tenant, tenant: beta, profile: user, enabled: false }
  eve: { scope: tenant, tenant: beta, profile: user, account: sso }
keys:
  a1: { owner: ann, name: one, created_at: 1763913600, kind: legacy }
  a2: { owner: ann, name: two, created_at: 0, expires_at: 1764000001 }
  b1: { owner: bob, name: one, created_at: 1763913600, revoked_at: 1763913601 }
  b2: { owner: bob, name: two, created_at: 0, expires_at: 18446744073709551615 }
  c1: { owner: cid, name: one, created_at: 1763913600 }
  d1: { owner: dan, name: one, created_at: 1763913600 }
  e1: { owner: eve, name: one, created_at: 1763913600 }
";

/// An input that arrives piece by piece: up to the next line break, and in no
/// larger pieces than this.
struct Pieces<'p> {
    rest: &'p [u8],
    most: usize,
    by_line: bool,
}

impl Read for Pieces<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let line = self.rest.iter().position(|byte| *byte == b'\n');
        let line = line
            .filter(|_| self.by_line)
            .map_or(usize::MAX, |at| at + 1);
        let size = line.min(self.most).min(self.rest.len()).min(into.len());
        let (piece, rest) = self.rest.split_at(size);
        into[..size].copy_from_slice(piece);
        self.rest = rest;
        Ok(size)
    }
}

/// The answers to these lines, which arrive in pieces.
fn answered(directory: &str, lines: &str, most: usize, by_line: bool) -> String {
    let policy = Arc::new(Policy::embedded().unwrap());
    let directory = Directory::from_yaml(directory, &policy).unwrap();
    let (mut output, rest) = (Vec::new(), lines.as_bytes());
    let pieces = Pieces {
        rest,
        most,
        by_line,
    };
    let counted = answer_lines(&policy, &directory, pieces, &mut output).unwrap();
    let output = String::from_utf8(output).unwrap();
    assert_eq!(output.lines().count() as u64, counted.all);
    output
}

/// Every user with every key, presented in every way, at several instants: the
/// lines that name both, and the same lines with both described.
fn lines(directory: &str) -> (String, String) {
    let policy = Policy::embedded().unwrap();
    let directory = Directory::from_yaml(directory, &policy).unwrap();
    let (mut named, mut described) = (String::new(), String::new());
    let mut number = 0;
    for listing in directory.accounts() {
        let account = listing.account;
        let (level, group, tenant) = match account.scope.as_ref().unwrap() {
            Scope::Root => ("root", None, None),
            Scope::Partner(group) => ("partner", Some(group.as_str()), None),
            Scope::Tenant(tenant) => ("tenant", None, Some(tenant.as_str())),
        };
        let user = json!({
            "user": account.user.as_str(), "account": account.kind.as_str(), "enabled": account.enabled,
            "scope": level, "group": group, "tenant": tenant, "profile": account.profile.as_str(),
        });
        for (id, _) in directory.keys() {
            let key = directory.key(id.as_str()).unwrap();
            let revoked = key.state.is_revoked();
            let written = json!({
                "id": id.as_str(), "owner": key.owner.as_str(), "kind": key.kind.as_str(),
                "state": if revoked { "revoked" } else { "active" },
                "created_at": key.created_at.get(), "expires_at": key.expires_at.map(|end| end.get()),
            });
            let subjects = [
                Some(account.user.as_str()),
                Some("nobody"),
                listing.email,
                None,
            ];
            for subject in subjects {
                for (kind, technique) in [
                    ("token", Value::Null),
                    ("api_key", json!("basic")),
                    ("api_key", json!("bearer")),
                    ("none", Value::Null),
                ] {
                    number += 1;
                    // Neighbours are mostly of one instant, and some are not.
                    let now = [1_764_000_000_u64, 1_764_000_000, 1_764_000_001, 7][number / 5 % 4];
                    let path = ["/connect/api/v1/cases", "/connect/api/v1/access_token"];
                    let of_key = kind == "api_key" && number % 3 > 0;
                    let line = |principal: &Value, key: &Value| {
                        let credential = json!({
                            "type": kind, "subject": subject, "technique": technique, "iat": now, "key": key,
                        });
                        with([
                            ("/id", json!(number)),
                            ("/now", json!(now)),
                            ("/method", json!(if of_key { "POST" } else { "GET" })),
                            ("/target", json!(path[usize::from(of_key)])),
                            ("/principal", principal.clone()),
                            ("/credential", credential),
                        ])
                    };
                    let (user_name, key_name) = (json!(account.user.as_str()), json!(id.as_str()));
                    named += &format!("{}\n", line(&user_name, &key_name));
                    described += &format!("{}\n", line(&user, &written));
                }
            }
        }
    }
    (named, described)
}

#[test]
fn users_and_keys_that_are_named_are_decided_as_if_they_were_described() {
    for directory in [EMBEDDED_DIRECTORY, ODD] {
        let (named, described) = lines(directory);
        let answers = answered(directory, &named, usize::MAX, false);
        let expected = answered(directory, &described, usize::MAX, false);
        for ((answer, expected), line) in answers.lines().zip(expected.lines()).zip(named.lines()) {
            assert_eq!(answer, expected, "{line}");
        }
        assert_eq!(answers, expected);
        for outcome in [
            "allow",
            "key_owner_mismatch",
            "key_revoked",
            "no_credential",
        ] {
            assert!(answers.contains(outcome), "{outcome}");
        }
    }
}

#[test]
fn answers_do_not_depend_on_how_lines_arrive() {
    let (named, described) = lines(ODD);
    let mut mixed = String::new();
    for (at, (named, described)) in named.lines().zip(described.lines()).enumerate() {
        for line in [named, described].into_iter().take(1 + at % 2) {
            mixed += &format!("{line}\n");
        }
        match at % 11 {
            3 => mixed += "\n{\"id\":\"x\",\"now\":1}\n",
            7 => mixed += &format!("{}\n", with([("/release", json!("1.0.0"))])),
            9 => mixed += &format!("{}\r\n", with([("/path", json!("/"))])),
            _ => {}
        }
    }
    // The last line has no line break, and is longer than the buffer.
    mixed += &format!("{}{}", request(), " ".repeat(20_000));
    let expected = answered(ODD, &mixed, usize::MAX, true);
    assert!(expected.lines().count() > 1_000);
    for most in [13, 1_000, 5_000, usize::MAX] {
        assert!(answered(ODD, &mixed, most, false) == expected, "{most}");
    }
}
