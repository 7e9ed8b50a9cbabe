//! One template in a document.

use crate::document::report::Report;
use crate::document::yaml::node::NodeNumber;
use crate::fault::{EndpointFault, excerpt};
use crate::path::template::Template;

/// Reads a template. A text that is not one is reported.
pub(super) fn template(mark: NodeNumber, text: &str, report: &mut Report) -> Option<Template> {
    match text.parse() {
        Ok(template) => Some(template),
        Err(reason) => {
            let reason = reason.shortened(excerpt);
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
