//! Any bytes as the lines of a batch: every line gets one answer, in order.
//! A second reader, which knows JSON and the rules of the fields, reads the same
//! from a line, and then the decision is that of the reference; or it finds a
//! fault as well, at the place that the error names.

mod json;
mod reader;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use portcullis::{Directory, EMBEDDED_DIRECTORY, EMBEDDED_POLICY, Policy};
use portcullis_cli::{Lines, answer_lines};
use serde_json::{Map, Value, json};

use self::json::Json;
use self::reader::Reader;
use super::reference::decide::{Confinement, Outcome, decide};
use super::reference::world::World;

static POLICY: LazyLock<Arc<Policy>> =
    LazyLock::new(|| Arc::new(Policy::embedded().expect("the embedded policy loads")));
static DIRECTORY: LazyLock<Directory> = LazyLock::new(|| {
    Directory::from_yaml(EMBEDDED_DIRECTORY, &POLICY).expect("the embedded directory loads")
});
static WORLD: LazyLock<World> =
    LazyLock::new(|| World::from_yaml(EMBEDDED_POLICY, EMBEDDED_DIRECTORY));

/// Checks one batch.
pub fn check(bytes: &[u8]) {
    let mut output = Vec::new();
    let lines = answer_lines(&POLICY, &DIRECTORY, bytes, &mut output).expect("all is in memory");
    let output = String::from_utf8(output).expect("answers are UTF-8");
    let answers: Vec<&str> = output.split_terminator('\n').collect();
    let mut asked: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    // What stands behind the last line break is a line only if there is any.
    asked.pop_if(|last| last.is_empty());
    assert!(output.is_empty() || output.ends_with('\n'));
    assert_eq!(answers.len(), asked.len(), "{output}");
    let mut unread = 0;
    for (line, answer) in asked.iter().zip(&answers) {
        let Ok(Value::Object(answer)) = serde_json::from_str(answer) else {
            panic!("an answer is an object: {answer}");
        };
        unread += u64::from(answer.contains_key("error"));
        check_line(line, &answer);
    }
    let all = asked.len() as u64;
    assert_eq!(lines, Lines { all, unread });
}

/// Checks the answer to one line.
fn check_line(line: &[u8], answer: &Map<String, Value>) {
    let told = String::from_utf8_lossy(line);
    let text = match std::str::from_utf8(line) {
        Ok(text) => text,
        Err(error) => {
            let place = format!("byte {}: not UTF-8", error.valid_up_to() + 1);
            return check_error(answer, &told, |error| error.starts_with(&place));
        }
    };
    if text.trim().is_empty() {
        return check_error(answer, &told, |error| {
            error.starts_with("the line is empty")
        });
    }
    let Ok(json) = serde_json::from_str::<Json>(text) else {
        return check_error(answer, &told, |error| {
            // What stands before the place that is no JSON may be wrong, too.
            is_column_of(line, error) || starts_with_a_field(error) || is_of_the_whole(error)
        });
    };
    check_id(&json, answer, &told);
    let mut reader = Reader::default();
    match reader.request(&json) {
        Some(request) if reader.faults.is_empty() => {
            let mut expected = expected(&decide(&WORLD, &request));
            expected["id"] = answer.get("id").cloned().unwrap_or_default();
            assert_eq!(Value::Object(answer.clone()), expected, "{told}");
        }
        _ => check_error(answer, &told, |error| {
            reader.faults.iter().any(|place| {
                error
                    .strip_prefix(place)
                    .is_some_and(|rest| match place.as_str() {
                        "" => is_of_the_whole(rest),
                        _ => rest.starts_with(": "),
                    })
            })
        }),
    }
}

/// The answer is an error and nothing else, one readable line, and it names the
/// place.
fn check_error(answer: &Map<String, Value>, line: &str, names_the_place: impl Fn(&str) -> bool) {
    assert!(answer.keys().eq(["error", "id"]), "{answer:?} for {line}");
    let error = answer["error"].as_str().expect("an error is text");
    assert!((1..=501).contains(&error.chars().count()), "{error}");
    assert!(!error.contains(char::is_control), "{error:?} for {line}");
    assert!(names_the_place(error), "{error:?} for {line}");
}

/// The id is echoed exactly: where there is one, and it is given once.
fn check_id(json: &Json, answer: &Map<String, Value>, line: &str) {
    let Json::Object(fields) = json else {
        return assert_eq!(answer["id"], Value::Null, "{line}");
    };
    let ids: Vec<&Json> = fields
        .iter()
        .filter_map(|(name, value)| (name == "id").then_some(value))
        .collect();
    let id = match ids[..] {
        [Json::Text(id)] => json!(id),
        [Json::Number(id)] if !id.is_f64() => json!(id),
        // Whatever stands behind a first one that is right.
        [Json::Text(_) | Json::Number(_), ..] if answer["id"] != Value::Null => {
            assert!(answer.contains_key("error"), "{answer:?} for {line}");
            return;
        }
        _ => Value::Null,
    };
    assert_eq!(answer["id"], id, "{line}");
}

/// `column N: not JSON`, where the line has such a column, or ends before it.
fn is_column_of(line: &[u8], error: &str) -> bool {
    let column = error.strip_prefix("column ");
    let column = column.and_then(|rest| rest.split_once(": not JSON: "));
    column.is_some_and(|(column, _)| {
        column
            .parse::<usize>()
            .is_ok_and(|column| column <= line.len() + 1)
    })
}

fn starts_with_a_field(error: &str) -> bool {
    let place = error.split_once(": ").map(|(place, _)| place);
    place.is_some_and(|place| place.split('.').all(reader::is_a_field))
}

/// What may be wrong with a line as a whole.
fn is_of_the_whole(error: &str) -> bool {
    [
        "missing field ",
        "duplicate field ",
        "unknown field ",
        "invalid type: ",
    ]
    .iter()
    .any(|start| error.starts_with(start))
}

/// The decision as the tool prints it.
fn expected(outcome: &Outcome) -> Value {
    match outcome {
        Outcome::Deny {
            reason,
            status,
            class,
        } => {
            json!({ "decision": "deny", "reason": reason, "class": class, "status": status })
        }
        Outcome::Allow {
            endpoint,
            parameters,
            confinement,
        } => {
            let parameters: BTreeMap<&String, &String> = parameters
                .iter()
                .map(|(name, value)| (name, value))
                .collect();
            let confinement = match confinement {
                Confinement::Unconfined => json!("unconfined"),
                Confinement::NotTenantData => json!("not_tenant_data"),
                Confinement::One(tenant) => json!({ "one": tenant }),
                Confinement::Tenants(tenants) => json!({ "tenants": tenants }),
            };
            json!({
                "decision": "allow", "endpoint": endpoint, "parameters": parameters, "confinement": confinement,
            })
        }
    }
}
