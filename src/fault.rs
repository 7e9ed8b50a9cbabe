//! The faults of documents.
//!
//! A document is loaded as a whole or not at all. All faults are reported
//! together, in the order of the document: the first twenty with their
//! positions, the rest as a number.
//!
//! Each fault is one row in the table of its group (`text`, `shape`, `policy`,
//! …): its code, the facts, the message, and what the code means, why it is
//! refused and how to fix it. The message, `--explain`, JSON and the table in
//! `docs/policy-language.md` all come from that row. Only the loader uses the
//! variants; all others use a [`Diagnostic`].

mod code;
mod diagnostic;
mod directory;
mod endpoint;
mod excerpt;
mod faults;
mod invariant;
mod policy;
mod position;
mod release;
mod shape;
mod suite;
mod text;

pub use crate::fault::code::Code;
pub(crate) use crate::fault::code::Fault;
pub use crate::fault::diagnostic::{Diagnostic, Severity};
pub(crate) use crate::fault::directory::DirectoryFault;
pub(crate) use crate::fault::endpoint::EndpointFault;
pub(crate) use crate::fault::excerpt::excerpt;
pub use crate::fault::faults::{Faults, MOST_LOCATED};
pub(crate) use crate::fault::invariant::InvariantFault;
pub(crate) use crate::fault::policy::PolicyFault;
pub use crate::fault::position::Position;
pub(crate) use crate::fault::release::ReleaseFault;
pub(crate) use crate::fault::shape::ShapeFault;
pub(crate) use crate::fault::suite::SuiteFault;
pub(crate) use crate::fault::text::TextFault;

impl Code {
    /// Every code, in the order in which a document is checked.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        let groups = [
            text::CODES,
            shape::CODES,
            policy::CODES,
            endpoint::CODES,
            release::CODES,
            invariant::CODES,
            directory::CODES,
            suite::CODES,
        ];
        groups.into_iter().flatten()
    }

    /// The explanation of a code.
    ///
    /// ```
    /// use portcullis::fault::Code;
    ///
    /// let code = Code::find("unknown_privilege").unwrap();
    /// assert_eq!(code.fix, "correct the name, or declare it under `privileges`");
    /// assert_eq!(Code::find("unheard_of"), None);
    /// ```
    pub fn find(code: &str) -> Option<&'static Self> {
        Self::all().find(|known| known.code == code)
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::{Code, Diagnostic, Fault, Faults, Position, ShapeFault};

    #[test]
    fn every_code_is_explained_once_in_one_line_each() {
        for (number, code) in Code::all().enumerate() {
            let Code {
                code,
                meaning,
                why,
                fix,
            } = code;
            assert!(
                Code::all()
                    .skip(number + 1)
                    .all(|other| other.code != *code),
                "{code} is in the tables twice"
            );
            let is_code_byte =
                |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
            assert!(code.bytes().all(is_code_byte), "{code}");
            for line in [meaning, why, fix] {
                assert!(
                    !line.is_empty() && !line.contains('\n') && !line.ends_with('.'),
                    "{code}: {line}"
                );
            }
        }
    }

    fn fault(line: usize, path: &str, suggestion: Option<&str>) -> Diagnostic {
        let fault = ShapeFault::UnknownField {
            field: "limt".into(),
        };
        let (code, message) = fault.into_message();
        Diagnostic::new(
            code,
            message,
            Position { line, column: 5 },
            path.into(),
            suggestion.map(Into::into),
        )
    }

    #[test]
    fn a_fault_prints_its_place_first_and_its_fix_last() {
        assert_eq!(
            fault(3, "profiles.user", Some("limit")).to_string(),
            "3:5: profiles.user: unknown field `limt`; correct or remove it; did you mean `limit`?"
        );
        assert_eq!(
            fault(3, "", None).to_string(),
            "3:5: unknown field `limt`; correct or remove it"
        );
    }

    #[test]
    fn a_suggestion_shows_its_controls() {
        assert!(
            fault(3, "", Some("peop\te"))
                .to_string()
                .ends_with("did you mean `peop\\te`?")
        );
    }

    #[test]
    fn faults_print_one_line_each_and_count_the_rest() {
        let faults = Faults::new([fault(1, "a", None), fault(2, "b", None)].into(), 7);
        let expected = "1:5: a: unknown field `limt`; correct or remove it\n2:5: b: unknown field `limt`; correct or remove it\nand 7 more";
        assert_eq!(faults.to_string(), expected);
        assert_eq!((&faults).into_iter().count(), 2);
    }
}
