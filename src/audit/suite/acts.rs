//! Applies the rules of administration to the acts of a suite.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::account::Account;
use crate::audit::suite::document::written::{ActDocument, Expected, ExpectedAct};
use crate::audit::suite::loaded::Suite;
use crate::audit::suite::report::Failure;
use crate::directory::{Administration, Refusal};
use crate::engine::Engine;
use crate::fault::Position;

/// The name of an account that is described in the case itself, if the account
/// that acts is described there as well.
const ANOTHER: &str = "another";

/// An act with its answer.
#[derive(Debug)]
pub(crate) struct EvaluatedAct<'b> {
    pub(crate) act: ExpectedAct,
    /// The account that acts.
    pub(crate) actor: &'b Account,
    /// The account that it is done to.
    pub(crate) account: Cow<'b, Account>,
    pub(crate) refused: Option<Refusal>,
    pub(crate) expected: &'b Expected,
}

impl EvaluatedAct<'_> {
    /// Whether the answer is the expected one.
    pub(crate) fn is_as_expected(&self) -> bool {
        match self.expected {
            Expected::Permitted => self.refused.is_none(),
            Expected::Refused(code) => self.code() == Some(code),
            Expected::Allow(_) | Expected::Allowed | Expected::Deny(_) | Expected::Denied => false,
        }
    }

    /// The code of the refusal, if it is one.
    pub(crate) fn code(&self) -> Option<&'static str> {
        self.refused.as_ref().map(Refusal::code)
    }
}

impl Suite {
    /// The answer to an act. `None` if a principal has no account, or nothing
    /// to be granted.
    pub(super) fn ask<'b>(
        &'b self,
        engine: &'b Engine,
        act: &ActDocument,
    ) -> Option<EvaluatedAct<'b>> {
        let account = |number: u32| self.accounts.get(number as usize)?.as_ref();
        let rules = Administration::new(engine, &self.tenancy);
        let actor = account(act.actor)?;
        let mut other = Cow::Borrowed(account(act.account)?);
        if act.actor != act.account && actor.user == other.user {
            other.to_mut().user = ANOTHER.parse().ok()?;
        }
        let answer = match act.act {
            ExpectedAct::RevokeKeys => rules.may_manage_keys(actor, Some(&other)),
            ExpectedAct::Edit => rules.may_edit(actor, Some(&other)),
            ExpectedAct::Grant(access) => {
                let access = account(access)?;
                let scope = access.scope.as_ref()?;
                rules.may_grant(actor, Some(&other), scope, &access.profile)
            }
        };
        let expected = self.document.expectations.get(act.expectation as usize)?;
        Some(EvaluatedAct {
            act: act.act,
            actor,
            account: other,
            refused: answer.err(),
            expected: &expected.expected,
        })
    }

    /// Describes an act that was not answered as expected.
    pub(super) fn act_failure(&self, act: &ActDocument, actual: &str) -> Failure {
        let name = |number: u32| {
            let principal = self.document.principals.get(number as usize);
            principal.map_or_else(String::new, |one| one.name.to_string())
        };
        let account = name(act.account);
        let expected = self.document.expectations.get(act.expectation as usize);
        Failure {
            position: expected.map_or(Position::START, |one| one.position),
            principal: name(act.actor),
            call: match act.act {
                ExpectedAct::RevokeKeys => format!("revoke the keys of {account}"),
                ExpectedAct::Edit => format!("edit {account}"),
                ExpectedAct::Grant(access) => {
                    format!("grant the access of {} to {account}", name(access))
                }
            },
            tenant: String::new(),
            credential: String::new(),
            release: String::new(),
            expected: expected.map_or_else(String::new, |one| one.expected.to_string()),
            actual: actual.into(),
            trail: Vec::new(),
        }
    }
}
