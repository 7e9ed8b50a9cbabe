//! Lines of a batch: a request that is allowed, and ways to change it.

use serde_json::{Value, json};

use crate::run::{Run, batch};

/// A request that is allowed, with every field.
pub(crate) fn request() -> Value {
    json!({
        "id": "r1", "release": "5.5.0", "scoped_keys": false, "now": 1_764_000_000,
        "principal": {
            "user": "u", "account": "local", "enabled": true,
            "scope": "partner", "group": "one", "tenant": null, "profile": "user",
        },
        "credential": {
            "type": "token", "subject": "u", "iat": 1_763_999_940, "exp": 1_764_000_540, "technique": null,
            "key": {
                "id": "k1", "owner": "u", "kind": "scoped", "state": "active",
                "created_at": 1_763_913_600, "expires_at": null,
            },
        },
        "method": "GET", "target": "/connect/api/v1/cases?tenantid=alpha", "tenant": null,
    })
}

/// The request with other values at these JSON pointers.
pub(crate) fn with<const N: usize>(changes: [(&str, Value); N]) -> Value {
    let mut request = request();
    for (pointer, value) in changes {
        let (place, field) = pointer.rsplit_once('/').unwrap();
        request.pointer_mut(place).unwrap()[field] = value;
    }
    request
}

/// The request without the field at a JSON pointer.
pub(crate) fn without(pointer: &str) -> Value {
    let mut request = request();
    let (place, field) = pointer.rsplit_once('/').unwrap();
    request
        .pointer_mut(place)
        .unwrap()
        .as_object_mut()
        .unwrap()
        .remove(field)
        .unwrap();
    request
}

/// Runs lines through one batch: as many answers, in their order.
pub(crate) fn answers<L: ToString>(lines: &[L]) -> Vec<Value> {
    let input: Vec<String> = lines.iter().map(ToString::to_string).collect();
    let Run { output, .. } = batch(input.join("\n"));
    let answers: Vec<Value> = output
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(answers.len(), lines.len(), "{output}");
    answers
}

/// Asserts the answer to each line: the reason of a denial, `allow`, or the text
/// of an error.
pub(crate) fn comes_to<L: ToString>(expected: &[(L, &str)]) {
    let lines: Vec<String> = expected.iter().map(|(line, _)| line.to_string()).collect();
    for ((answer, line), (_, expected)) in answers(&lines).iter().zip(&lines).zip(expected) {
        let found = ["reason", "error", "decision"]
            .into_iter()
            .find_map(|field| answer[field].as_str());
        assert_eq!(found, Some(*expected), "{line}");
    }
}
