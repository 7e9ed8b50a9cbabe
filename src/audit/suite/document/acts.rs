//! Cases about acts of administration: who may revoke the keys of whom, edit whom,
//! and grant what.

use alloc::vec::Vec;

use crate::audit::authority::AdministrativeAct;
use crate::audit::suite::document::cases::{Reader, refuse};
use crate::audit::suite::document::expected::ALLOW;
use crate::audit::suite::document::written::{
    ActDocument, ExpectationDocument, Expected, ExpectedAct, MOST_REQUESTS,
};
use crate::directory::Refusal;
use crate::document::fields::{Fields, text};
use crate::document::report::{Among, Report};
use crate::document::yaml::node::Node;
use crate::fault::{Position, SuiteFault};

/// The acts that a case can test, and their words.
const ACTS: [AdministrativeAct; 3] = [
    AdministrativeAct::RevokeKeys,
    AdministrativeAct::Edit,
    AdministrativeAct::Grant,
];
const WORDS: [&str; 3] = [ACTS[0].as_str(), ACTS[1].as_str(), ACTS[2].as_str()];

/// The answers: an allow, and the codes of the refusals that an act can have.
const ANSWERS: [&str; 8] = [
    ALLOW,
    Refusal::ActorDisabled.code(),
    Refusal::NotAdministrative.code(),
    Refusal::UnknownAccount.code(),
    Refusal::NotBelow.code(),
    Refusal::SuperAdminOnly.code(),
    Refusal::OwnAccount.code(),
    Refusal::BeyondOwnAccess.code(),
];

impl Reader<'_, '_, '_> {
    /// Reads a case with `may`: the product of its principals, the accounts in
    /// `to`, and the scopes and profiles in `access`.
    pub(super) fn acts(
        &mut self,
        fields: &Fields<'_, '_>,
        actors: Option<&[u32]>,
        report: &mut Report,
    ) {
        for field in ["tenant", "credential", "releases"] {
            refuse(fields, "may", field, report);
        }
        let may = fields.required("may", report);
        let act = may.and_then(|node| act(node, report));
        let accounts = fields
            .required("to", report)
            .and_then(|node| self.principals(node, report));
        let granted = match act {
            Some(AdministrativeAct::Grant | AdministrativeAct::GrantItself) => fields
                .required("access", report)
                .and_then(|node| self.principals(node, report)),
            Some(AdministrativeAct::RevokeKeys | AdministrativeAct::Edit) => {
                refuse(fields, "may", "access", report);
                None
            }
            None => None,
        };
        let expect = fields.required("expect", report);
        let expected = expect.and_then(|node| Some((answer(node, report)?, node.mark)));
        let (Some(act), Some(actors), Some(accounts)) = (act, actors, accounts) else {
            return;
        };
        let kinds: Vec<ExpectedAct> = match (act, granted) {
            (AdministrativeAct::RevokeKeys, _) => [ExpectedAct::RevokeKeys].into(),
            (AdministrativeAct::Edit, _) => [ExpectedAct::Edit].into(),
            (AdministrativeAct::Grant | AdministrativeAct::GrantItself, Some(granted)) => {
                granted.into_iter().map(ExpectedAct::Grant).collect()
            }
            (AdministrativeAct::Grant | AdministrativeAct::GrantItself, None) => return,
        };
        let Some((expected, mark)) = expected else {
            return;
        };
        let product = [actors.len(), accounts.len(), kinds.len()];
        let product = product.into_iter().try_fold(1_usize, usize::checked_mul);
        let product = product.unwrap_or(MOST_REQUESTS).min(MOST_REQUESTS + 1);
        if !self.requests.take(product, self.read.acts.len()) {
            return;
        }
        // INVARIANT: a document of one MiB has far fewer than 2^32 of anything.
        let expectation = u32::try_from(self.read.expectations.len()).unwrap_or(u32::MAX);
        self.read.marks.expectations.push(mark);
        self.read.expectations.push(ExpectationDocument {
            expected,
            position: Position::START,
        });
        for actor in actors {
            for account in &accounts {
                let acts = kinds.iter().map(|act| ActDocument {
                    act: *act,
                    actor: *actor,
                    account: *account,
                    expectation,
                });
                self.read.acts.extend(acts);
            }
        }
    }
}

/// Reads the word of an act.
fn act(node: &Node<'_>, report: &mut Report) -> Option<AdministrativeAct> {
    let word = text(node, report)?;
    let found = ACTS.into_iter().find(|act| act.as_str() == word);
    if found.is_none() {
        report.add_unknown(node.mark, word, Among::Words(&WORDS), |word| {
            SuiteFault::UnknownAct { word }
        });
    }
    found
}

/// Reads the expected answer.
fn answer(node: &Node<'_>, report: &mut Report) -> Option<Expected> {
    let word = text(node, report)?;
    if word == ALLOW {
        return Some(Expected::Permitted);
    }
    let found = ANSWERS.into_iter().find(|code| *code == word);
    if found.is_none() {
        report.add_unknown(node.mark, word, Among::Words(&ANSWERS), |word| {
            SuiteFault::UnknownAnswer { word }
        });
    }
    found.map(Expected::Refused)
}
