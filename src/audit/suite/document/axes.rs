//! All axes of a suite: everything that its cases can name.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::audit::suite::document::axis::{Axis, AxisKind, EVERY_ENDPOINT, EVERY_RELEASE};
use crate::audit::suite::document::written::{RequestDocument, SuiteContext};
use crate::release::{Access, Deployment, WITH_SCOPED_KEYS};

/// Everything that the cases of a suite can name.
#[derive(Debug)]
pub(super) struct Axes {
    pub(super) deployments: Axis,
    pub(super) principals: Axis,
    pub(super) calls: Axis,
    pub(super) tenants: Axis,
    pub(super) credentials: Axis,
}

/// Every deployment, in the order of the policy, and its names.
pub(super) fn deployments(context: &SuiteContext<'_>) -> (Vec<Deployment>, Axis) {
    let mut deployments = Vec::new();
    let mut axis = Axis::new(AxisKind::Release);
    for (release, access) in &context.releases {
        deployments.push(Deployment::new(*release));
        axis.add(format!("{release}"));
        if *access == Access::EarlyAccess {
            deployments.push(Deployment::with_scoped_keys(*release));
            axis.add(format!("{release}{WITH_SCOPED_KEYS}"));
        }
    }
    axis.add_every(EVERY_RELEASE);
    (deployments, axis)
}

/// Every endpoint-method, by its template and by the written one.
pub(super) fn calls(context: &SuiteContext<'_>) -> Axis {
    let mut axis = Axis::new(AxisKind::Call);
    for (method, template, _) in &context.calls {
        axis.add(format!("{method} {template}"));
    }
    for (number, (method, template, written)) in (0..).zip(&context.calls) {
        if template != written {
            axis.add_to_name(format!("{method} {written}"), number);
        }
    }
    axis.add_every(EVERY_ENDPOINT);
    axis
}

/// A request in words: `msp, GET /cases, no tenant, token, 5.5.0`.
pub(super) fn in_words(axes: &Axes, sent: &Axis, request: &RequestDocument) -> String {
    fn name(axis: &Axis, number: u32) -> &str {
        axis.label(number).unwrap_or_default()
    }
    let beyond = (request.call as usize).checked_sub(axes.calls.len());
    let call = match beyond.and_then(|at| u32::try_from(at).ok()) {
        Some(at) => name(sent, at),
        None => name(&axes.calls, request.call),
    };
    format!(
        "{}, {call}, {}, {}, {}",
        name(&axes.principals, request.principal),
        name(&axes.tenants, request.tenant),
        name(&axes.credentials, request.credential),
        name(&axes.deployments, request.deployment),
    )
}
