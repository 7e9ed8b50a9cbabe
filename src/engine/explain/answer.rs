//! The contents of an explanation: a decision and eighteen answers.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use crate::engine::decision::Decision;
use crate::path::target_fault::TargetFault;
use crate::question::Question;
use crate::reason::Reason;

/// How one question was answered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// Nothing to refuse.
    Passed,
    /// A reason to refuse; the earliest one decides.
    Refused(Reason),
    /// The question was not asked: something that it needs is missing, or it
    /// does not concern this request.
    NotAsked,
}

/// One question with its answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Answer {
    /// The question; it serialises as its number.
    pub question: Question,
    /// How it was answered.
    pub verdict: Verdict,
    /// What settled it, in words. For administrators: it may name rules, the
    /// user's group and tenants, and must not be shown to callers.
    pub because: String,
    /// The places in the policy document that settled it, as paths such as
    /// `releases."5.5.0".restricted[3]`. Empty if nothing in the policy did.
    pub places: Vec<String>,
}

/// A decision with the answer to every question.
///
/// Printed, it is a table for people; serialised, an object for programs.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation<'a> {
    #[serde(flatten)]
    pub(super) decision: Decision<'a>,
    pub(super) answers: Vec<Answer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) fault: Option<TargetFault<'a>>,
}

impl<'a> Explanation<'a> {
    /// The decision, as [`Engine::authorize`](crate::Engine::authorize) gives it for
    /// the same state of the key.
    pub fn decision(&self) -> Decision<'a> {
        self.decision
    }

    /// The eighteen answers, in the order of the questions.
    pub fn answers(&self) -> &[Answer] {
        &self.answers
    }

    /// Why the target is malformed. `None` if it is not, or if another policy
    /// resolved it. Serialised as the field `fault` only if it is `Some`.
    pub fn fault(&self) -> Option<TargetFault<'a>> {
        self.fault
    }
}

impl Answer {
    /// The text of the question.
    pub fn asks(&self) -> &'static str {
        self.question.text()
    }
}

impl Verdict {
    /// The word that tables for people use.
    pub(crate) const fn in_a_table(self) -> &'static str {
        match self {
            Self::Passed => "pass",
            Self::Refused(_) => "DENY",
            Self::NotAsked => "-",
        }
    }
}

impl Answer {
    /// Writes what settled the question, and the places in brackets.
    pub(crate) fn write_because(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.because)?;
        self.places
            .iter()
            .try_for_each(|place| write!(formatter, " [{place}]"))
    }
}

impl fmt::Display for Explanation<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{}", self.decision)?;
        for answer in &self.answers {
            let verdict = answer.verdict.in_a_table();
            write!(
                formatter,
                "{:>3} {verdict:<4} {:<56} ",
                answer.question,
                answer.asks()
            )?;
            answer.write_because(formatter)?;
            writeln!(formatter)?;
        }
        Ok(())
    }
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (verdict, reason) = match self.verdict {
            Verdict::Passed => ("passed", None),
            Verdict::Refused(reason) => ("refused", Some(reason)),
            Verdict::NotAsked => ("not_asked", None),
        };
        let mut answer = serializer.serialize_struct("Answer", 6)?;
        answer.serialize_field("question", &self.question)?;
        answer.serialize_field("asks", self.asks())?;
        answer.serialize_field("answer", verdict)?;
        answer.serialize_field("reason", &reason)?;
        answer.serialize_field("because", &self.because)?;
        answer.serialize_field("places", &self.places)?;
        answer.end()
    }
}
