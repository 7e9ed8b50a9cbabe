//! The code of a fault, and the table in which a group of faults is written.

use alloc::boxed::Box;

/// A code: what it means, why it is refused, how to fix it. One line each.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Code {
    /// The code in `snake_case`, as [`Diagnostic::code`](super::Diagnostic::code)
    /// gives it.
    pub code: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// Why it is refused.
    pub why: &'static str,
    /// How to fix it.
    pub fix: &'static str,
}

impl Code {
    pub(crate) const fn new(
        code: &'static str,
        meaning: &'static str,
        why: &'static str,
        fix: &'static str,
    ) -> Self {
        Self {
            code,
            meaning,
            why,
            fix,
        }
    }
}

/// A fault as the loader reports it: with its facts, without its position.
pub(crate) trait Fault {
    /// Its code, and a line that says what is wrong and how to fix it.
    fn into_message(self) -> (&'static Code, Box<str>);
}

/// Declares a group of faults: an enum with a variant for each, and `CODES`, the
/// explanations in the same order. A row is
///
/// ```text
/// code = Variant { fact: Type }
///     says "the message, with each `{fact}`"
///     means "what the code means"
///     why "why it is refused"
///     fix "what to do about it"
/// ```
///
/// If the message has a `{}`, its value follows in parentheses.
macro_rules! faults {
    (
        $(#[$attribute:meta])* $group:ident
        $(
            $code:ident = $variant:ident $({ $($fact:ident: $type:ty),* })?
                says $message:literal $(($value:expr))?
                means $meaning:literal
                why $why:literal
                fix $fix:literal
        )*
    ) => {
        $(#[$attribute])*
        #[derive(Debug)]
        pub(crate) enum $group {
            $(#[doc = $meaning] $variant $({ $($fact: $type),* })?,)*
        }

        /// The explanation of each code.
        pub(super) const CODES: &[Code] = &[
            $(Code::new(stringify!($code), $meaning, $why, $fix),)*
        ];

        impl Fault for $group {
            fn into_message(self) -> (&'static Code, Box<str>) {
                match self {
                    $(Self::$variant $({ $($fact),* })? => (
                        const { &Code::new(stringify!($code), $meaning, $why, $fix) },
                        alloc::format!($message $(, $value)?).into(),
                    ),)*
                }
            }
        }
    };
}

pub(super) use faults;
