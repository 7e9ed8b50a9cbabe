//! One template in a document.

use alloc::string::String;

use crate::document::report::Report;
use crate::document::yaml::node::Mark;
use crate::fault::{EndpointFault, excerpt};
use crate::path::template::{ParseTemplateError, Template};

/// Reads a template; what is none is reported.
pub(super) fn template(mark: Mark, text: &str, report: &mut Report) -> Option<Template> {
    match text.parse() {
        Ok(template) => Some(template),
        Err(reason) => {
            let reason = shortened(reason);
            report.add(
                mark,
                EndpointFault::InvalidTemplate {
                    text: excerpt(text),
                    reason,
                },
            );
            None
        }
    }
}

/// A reason that repeats no more of the author's words than a fault may.
pub(super) fn shortened(reason: ParseTemplateError) -> ParseTemplateError {
    let cut = |text: String| String::from(excerpt(&text));
    match reason {
        ParseTemplateError::Literal { segment, literal } => ParseTemplateError::Literal {
            segment,
            literal: cut(literal),
        },
        ParseTemplateError::Parameter { segment, name } => ParseTemplateError::Parameter {
            segment,
            name: cut(name),
        },
        ParseTemplateError::RepeatedParameter { segment, name } => {
            ParseTemplateError::RepeatedParameter {
                segment,
                name: cut(name),
            }
        }
        ParseTemplateError::RepeatedAlternative { segment, literal } => {
            ParseTemplateError::RepeatedAlternative {
                segment,
                literal: cut(literal),
            }
        }
        ParseTemplateError::NoSlash
        | ParseTemplateError::TooManySegments { .. }
        | ParseTemplateError::EmptySegment { .. }
        | ParseTemplateError::TooManyExpansions => reason,
    }
}
