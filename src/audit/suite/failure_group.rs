//! Failures of a suite that are the same mistake: one endpoint-method, and one
//! decision instead of another.

use alloc::string::String;
use alloc::vec::Vec;

use crate::fault::Position;
use crate::util::hash::{Map, Set};

/// The failures of one suite with the same call, the same expected and the same
/// actual decision. The confinement of an allow counts only if both are allows.
#[derive(Clone, Debug)]
pub struct FailureGroup {
    /// The method with the endpoint or the raw target, or an act of
    /// administration.
    pub call: String,
    /// The expected decision.
    pub expected: String,
    /// The actual decision.
    pub actual: String,
    /// The position of the first expectation in the suite.
    pub position: Position,
    /// How many requests there are.
    pub requests: usize,
    /// How many cases have such a request.
    pub cases: usize,
    /// The principals, each once, in the order of the suite.
    pub principals: Vec<String>,
}

/// The parts of a failure that are counted.
#[derive(Clone, Debug)]
pub(super) struct Failed {
    pub(super) position: Position,
    pub(super) principal: String,
    pub(super) call: String,
    pub(super) expected: String,
    pub(super) actual: String,
}

/// The counted failures of a suite.
#[derive(Clone, Debug, Default)]
pub(super) struct FailureGroups(Map<(String, String, String), Counted>);

#[derive(Clone, Debug)]
struct Counted {
    position: Position,
    requests: usize,
    cases: usize,
    last_case: usize,
    principals: Set<String>,
}

impl FailureGroups {
    /// Counts a failure of the case with this number.
    pub(super) fn add(&mut self, case: usize, failed: Failed) {
        let (mut expected, mut actual) = (failed.expected, failed.actual);
        if !(is_allow(&expected) && is_allow(&actual)) {
            for word in [&mut expected, &mut actual] {
                if is_allow(word) {
                    word.truncate(ALLOW.len());
                }
            }
        }
        let group = self.0.entry((failed.call, expected, actual));
        let group = group.or_insert_with(|| Counted {
            position: failed.position,
            requests: 0,
            cases: 1,
            last_case: case,
            principals: Set::default(),
        });
        group.requests += 1;
        // Cases are counted in their order.
        if group.last_case != case {
            group.cases += 1;
            group.last_case = case;
        }
        group.principals.insert(failed.principal);
    }

    pub(super) fn into_groups(self) -> Vec<FailureGroup> {
        let group = |((call, expected, actual), counted): (_, Counted)| FailureGroup {
            call,
            expected,
            actual,
            position: counted.position,
            requests: counted.requests,
            cases: counted.cases,
            principals: counted.principals.into_iter().collect(),
        };
        self.0.into_iter().map(group).collect()
    }
}

const ALLOW: &str = "allow";

/// Whether a decision in words is an allow, with any confinement.
fn is_allow(word: &str) -> bool {
    let rest = word.strip_prefix(ALLOW);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(", "))
}
