//! The cases of a suite, while they are read.

use alloc::vec::Vec;

use crate::audit::suite::document::written::{
    ActDocument, CaseDocument, ExpectationDocument, PrincipalDocument, RequestDocument, SentRequest,
};
use crate::document::yaml::node::NodeNumber;

/// The contents of all cases.
#[derive(Debug, Default)]
pub(super) struct CaseList {
    pub(super) marks: Marks,
    pub(super) cases: Vec<CaseDocument>,
    pub(super) expectations: Vec<ExpectationDocument>,
    pub(super) requests: Vec<RequestDocument>,
    pub(super) acts: Vec<ActDocument>,
    /// Principals that are described inside a case.
    pub(super) principals: Vec<PrincipalDocument>,
    pub(super) sent: Vec<SentRequest>,
}

/// The nodes of cases and expectations, until their positions are looked up.
#[derive(Debug, Default)]
pub(super) struct Marks {
    pub(super) cases: Vec<NodeNumber>,
    pub(super) expectations: Vec<NodeNumber>,
}
