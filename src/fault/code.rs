//! Every code of a fault, explained.

use super::{directory, endpoint, policy, release, shape, suite, text};

/// A code: what it means, why it is refused, how to mend it. One line each.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct FaultCode {
    /// The code, as [`Fault::code`](super::Fault::code) gives it.
    pub code: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// Why it is refused.
    pub why: &'static str,
    /// How to mend it.
    pub mend: &'static str,
}

impl FaultCode {
    /// Every code, in the order of the doors that a document passes.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        let tables = [
            text::CODES,
            shape::CODES,
            policy::CODES,
            endpoint::CODES,
            release::CODES,
            directory::CODES,
            suite::CODES,
        ];
        tables.into_iter().flatten()
    }

    /// The explanation of a code.
    ///
    /// ```
    /// use portcullis::fault::FaultCode;
    ///
    /// let code = FaultCode::find("unknown_privilege").unwrap();
    /// assert_eq!(code.mend, "correct the name, or declare it under `privileges`");
    /// assert_eq!(FaultCode::find("unheard_of"), None);
    /// ```
    pub fn find(code: &str) -> Option<&'static Self> {
        Self::all().find(|known| known.code == code)
    }

    pub(super) const fn new(
        code: &'static str,
        meaning: &'static str,
        why: &'static str,
        mend: &'static str,
    ) -> Self {
        Self {
            code,
            meaning,
            why,
            mend,
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn every_kind_of_fault_has_its_explanation_in_the_same_order() {
        let sources = [
            include_str!("text.rs"),
            include_str!("shape.rs"),
            include_str!("policy.rs"),
            include_str!("endpoint.rs"),
            include_str!("release.rs"),
            include_str!("directory.rs"),
            include_str!("suite.rs"),
        ];
        // The arms of `code`, whose match has one for every kind.
        let given = sources.iter().flat_map(|source| {
            let (_, rest) = source.split_once("const fn code(&self)").unwrap();
            let (arms, _) = rest.split_once("\n    }\n").unwrap();
            arms.split('"').skip(1).step_by(2)
        });
        let explained = FaultCode::all().map(|known| known.code);
        assert_eq!(given.collect::<Vec<_>>(), explained.collect::<Vec<_>>());
    }

    #[test]
    fn every_code_is_explained_once_in_one_line_each() {
        let is_code_byte =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        for (
            number,
            FaultCode {
                code,
                meaning,
                why,
                mend,
            },
        ) in FaultCode::all().enumerate()
        {
            assert!(
                FaultCode::all()
                    .skip(number + 1)
                    .all(|other| other.code != *code),
                "{code} stands twice"
            );
            assert!(code.bytes().all(is_code_byte), "{code}");
            for line in [meaning, why, mend] {
                assert!(
                    !line.is_empty() && !line.contains('\n') && !line.ends_with('.'),
                    "{code}: {line}"
                );
            }
        }
    }
}
