//! Remarks on valid policies.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::fault::Severity;
use crate::path::template::Parameter;
use crate::policy::Policy;

/// Something in a valid policy that its author should look at.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Remark {
    /// A warning or a hint.
    pub severity: Severity,
    /// The place in the document: `endpoints[3].path`.
    pub place: String,
    /// What is remarkable there, on one line.
    pub text: String,
}

impl Policy {
    /// Templates that no request can reach, and tails that make paths of other
    /// templates ambiguous. In the order of the document.
    pub fn remarks(&self) -> Vec<Remark> {
        let catalogue = self.catalogue();
        let mut remarks = Vec::new();
        let unreached = catalogue.unreached();
        let rivals = catalogue.all_rivals();
        for (number, entry) in (0..).zip(self.endpoints()) {
            let mut remark = |severity, text| {
                remarks.push(Remark {
                    severity,
                    place: format!("endpoints[{}].path", entry.written),
                    text,
                });
            };
            let template = entry.template();
            if unreached.contains(&number) {
                let text = format!(
                    "no request can reach `{template}`: other templates take its paths, or leave them to nobody; remove or rename it"
                );
                remark(Severity::Warning, text);
            }
            if !template.parameters().any(Parameter::is_tail) {
                continue;
            }
            let others = rivals.iter().filter_map(|(one, other)| {
                let other = if *one == number {
                    *other
                } else if *other == number {
                    *one
                } else {
                    return None;
                };
                catalogue.entry(other)
            });
            for other in others {
                let other = other.template();
                let text = format!(
                    "`{template}` and `{other}` match a path and neither is more specific, so that it belongs to nobody; list that path as a template of its own"
                );
                remark(Severity::Hint, text);
            }
        }
        remarks
    }
}
