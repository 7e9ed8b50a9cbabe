//! Acts of administration with two expectations.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};

use crate::audit::suite::document::axes::Axes;
use crate::audit::suite::document::case_list::CaseList;
use crate::audit::suite::document::written::{ActDocument, ExpectedAct};
use crate::document::report::Report;
use crate::fault::{SuiteFault, excerpt};
use crate::util::hash::Map;

/// Reports acts with two expectations: an act has one answer.
pub(super) fn contradicting_acts(axes: &Axes, read: &CaseList, report: &mut Report) {
    let mut first: Map<(ExpectedAct, u32, u32), u32> = Map::default();
    let mut reported = BTreeSet::new();
    for act in &read.acts {
        let there = *first
            .entry((act.act, act.actor, act.account))
            .or_insert(act.expectation);
        let expected = |number: u32| {
            let one = read.expectations.get(number as usize);
            one.map(|one| &one.expected)
        };
        let both = expected(there).zip(expected(act.expectation));
        let contradiction = both
            .filter(|(there, here)| there != here)
            // Once for each pair of expectations, however many acts they share.
            .filter(|_| reported.insert((there, act.expectation)));
        let mark = read.marks.expectations.get(act.expectation as usize);
        if let (Some((expected_there, here)), Some(mark)) = (contradiction, mark) {
            report.add_with(*mark, || SuiteFault::Contradiction {
                cell: in_words(axes, act).into(),
                here: here.to_string().into(),
                there: expected_there.to_string().into(),
                case: case_of(read, there),
            });
        }
    }
}

/// An act in words.
fn in_words(axes: &Axes, act: &ActDocument) -> String {
    let name = |number: u32| axes.principals.label(number).unwrap_or_default();
    let (actor, account) = (name(act.actor), name(act.account));
    match act.act {
        ExpectedAct::RevokeKeys => format!("{actor}, revoke the keys of {account}"),
        ExpectedAct::Edit => format!("{actor}, edit {account}"),
        ExpectedAct::Grant(access) => {
            format!("{actor}, grant the access of {} to {account}", name(access))
        }
    }
}

/// The name of the case with this expectation. Acts are in the order of their
/// expectations.
fn case_of(read: &CaseList, expectation: u32) -> Box<str> {
    let acts = &read.acts;
    let at = acts.partition_point(|act| act.expectation < expectation);
    let case = read.cases.iter().find(|case| case.acts.contains(&at));
    case.map(|case| excerpt(&case.name)).unwrap_or_default()
}
