//! Who holds Super Admin at root, and which users reach restricted endpoints.

use std::collections::BTreeMap;

use portcullis::audit::view::who_can::DeploymentCallers;
use portcullis::audit::{KeyHolder, Matrix};
use portcullis::profile::SUPER_ADMIN;
use portcullis::scope::ScopeLevel;
use portcullis::{AccountKind, Directory, Scope, UnixSeconds, UserId};
use serde::Serialize;

use crate::text::one_line;
use crate::view::access_report::anchor;
use crate::view::access_report::head::DeploymentHead;
use crate::view::access_report::lines::{Line, Shown};

/// The most columns, and the most endpoints, of the table of users.
const MOST_GROUPS: usize = 60;
const MOST_LINES: usize = 400;

/// The accounts with Super Admin, those at root first.
#[derive(Debug, Serialize)]
pub(crate) struct SuperAdmins {
    pub(crate) at_root: Vec<SuperAdmin>,
    /// Accounts with the profile at another scope: the names.
    pub(crate) elsewhere: Vec<String>,
}

/// An account with Super Admin at root.
#[derive(Debug, Serialize)]
pub(crate) struct SuperAdmin {
    pub(crate) user: String,
    pub(crate) anchor: String,
    /// What kind of account it is, in words.
    pub(crate) account: &'static str,
    /// Whether the account can call the API at all.
    pub(crate) can_call: bool,
    pub(crate) second_factor: bool,
    /// Keys with their status.
    pub(crate) keys: Vec<(String, &'static str, &'static str)>,
}

impl SuperAdmins {
    /// Those at root who can call the API.
    pub(crate) fn can_call(&self) -> Vec<&str> {
        let own = self.at_root.iter().filter(|own| own.can_call);
        own.map(|own| &*own.user).collect()
    }

    /// Those of a directory.
    pub(crate) fn of(directory: &Directory, now: UnixSeconds) -> Self {
        let mut found = Self {
            at_root: Vec::new(),
            elsewhere: Vec::new(),
        };
        let has = |profile: &str| profile == SUPER_ADMIN;
        let accounts = directory.accounts();
        for listing in accounts.filter(|own| has(own.account.profile.as_str())) {
            let account = &listing.account;
            let Some(Scope::Root) = &account.scope else {
                found.elsewhere.push(account.user.to_string());
                continue;
            };
            let keys = directory.key_listings(now);
            let keys = keys.filter(|key| *key.owner == account.user);
            found.at_root.push(SuperAdmin {
                user: account.user.to_string(),
                anchor: format!("super-admin={}", anchor::part(account.user.as_str())),
                account: match (account.kind, account.enabled) {
                    (AccountKind::Local, true) => "local, enabled",
                    (AccountKind::Local, false) => "local, disabled",
                    (AccountKind::Sso, true) => "single sign-on: no API access",
                    (AccountKind::Sso, false) => "single sign-on, disabled",
                },
                can_call: account.kind == AccountKind::Local && account.enabled,
                second_factor: listing.second_factor,
                keys: keys
                    .map(|key| {
                        (
                            one_line(key.key.as_str()),
                            key.kind.as_str(),
                            key.status.as_str(),
                        )
                    })
                    .collect(),
            });
        }
        found
    }
}

/// Which users reach which restricted endpoints, deployment by deployment.
#[derive(Debug, Serialize)]
pub(crate) struct UserAccess {
    /// Users with the same profile, the same scope and the same answers.
    pub(crate) groups: Vec<UserGroup>,
    /// The users who reach none of them in any deployment.
    pub(crate) nothing: Vec<String>,
    pub(crate) tables: Vec<UserTable>,
    /// How many groups, and how many endpoints, are left out.
    pub(crate) left_out: [usize; 2],
}

/// Users with the same answers.
#[derive(Debug, Serialize)]
pub(crate) struct UserGroup {
    /// The head of the column.
    pub(crate) head: String,
    pub(crate) users: Vec<String>,
    pub(crate) profile: String,
    pub(crate) scope: &'static str,
}

/// The answers in one deployment.
#[derive(Debug, Serialize)]
pub(crate) struct UserTable {
    pub(crate) anchor: String,
    pub(crate) deployment: String,
    pub(crate) lines: Vec<UserLine>,
    /// By group: how many of the endpoints are reached.
    pub(crate) counts: Vec<usize>,
}

/// The answers for one endpoint.
#[derive(Debug, Serialize)]
pub(crate) struct UserLine {
    pub(crate) method: String,
    pub(crate) endpoint: String,
    pub(crate) anchor: String,
    /// Its explanation, if the report has it.
    pub(crate) why: String,
    pub(crate) restricted: bool,
    /// How many endpoints of an alternation it has.
    pub(crate) count: usize,
    /// By group: whether one of the keys may call it.
    pub(crate) reached: Vec<bool>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "a template passes references"
)]
impl UserTable {
    /// How many of the endpoints a group of users reaches.
    pub(crate) fn count(&self, group: &usize) -> usize {
        self.counts.get(*group).copied().unwrap_or_default()
    }

    /// The anchor of a line.
    pub(crate) fn anchor_of(&self, line: &usize) -> &str {
        self.lines.get(*line).map_or("", |own| &own.anchor)
    }

    /// Whether the same users reach the same endpoints, and the same are restricted.
    pub(crate) fn answers_as(&self, other: &Self) -> bool {
        let mut lines = self.lines.iter().zip(&other.lines);
        lines.all(|(own, other)| own.reached == other.reached && own.restricted == other.restricted)
    }
}

impl UserAccess {
    /// How many endpoints each table has.
    pub(crate) fn endpoints(&self) -> usize {
        let lines = self.tables.first().into_iter().flat_map(|own| &own.lines);
        lines.map(|line| line.count).sum()
    }

    /// The tables of a directory.
    pub(crate) fn of(
        matrix: &Matrix,
        shown: &Shown,
        directory: &Directory,
        holders: &[KeyHolder],
    ) -> Self {
        let lines: Vec<&Line> = shown.restricted.iter().take(MOST_LINES).collect();
        let reached = reached(matrix, &lines, directory, holders);
        let mut by_answers: BTreeMap<_, Vec<&UserId>> = BTreeMap::new();
        let mut nothing = Vec::new();
        let mut order: Vec<(String, ScopeLevel, Vec<bool>)> = Vec::new();
        for user in directory.users() {
            let own = reached.get(user).cloned().unwrap_or_default();
            let account = directory.account(user.as_str());
            let scope = account.as_ref().and_then(|account| account.scope.as_ref());
            let (Some(account), Some(scope), true) = (&account, scope, own.contains(&true)) else {
                nothing.push(user.to_string());
                continue;
            };
            let key = (account.profile.to_string(), scope.level(), own);
            let users = by_answers.entry(key.clone()).or_default();
            if users.is_empty() {
                order.push(key);
            }
            users.push(user);
        }
        order.sort_by_key(|(_, scope, _)| std::cmp::Reverse(*scope));
        let left_out = [
            order.len().saturating_sub(MOST_GROUPS),
            shown.restricted.len().saturating_sub(MOST_LINES),
        ];
        order.truncate(MOST_GROUPS);
        let groups = order.iter().map(|key| {
            let users = by_answers.get(key).into_iter().flatten();
            let users: Vec<String> = users.map(ToString::to_string).collect();
            let first = users.first().cloned().unwrap_or_default();
            UserGroup {
                head: match users.len() {
                    0 | 1 => first,
                    more => format!("{first} + {}", more - 1),
                },
                users,
                profile: key.0.clone(),
                scope: key.1.as_str(),
            }
        });
        let groups = groups.collect();
        let table = |(place, head): (usize, &DeploymentHead)| {
            let own: Vec<UserLine> = lines
                .iter()
                .enumerate()
                .map(|(number, line)| {
                    let row = anchor::row(&head.anchor, line.method, &line.label);
                    let at = place * lines.len() + number;
                    let sheet = matrix.sheets().get(place);
                    UserLine {
                        method: line.method.to_string(),
                        endpoint: line.label.clone(),
                        anchor: format!("users={row}"),
                        why: format!("why={row}"),
                        count: line.rows.len(),
                        restricted: sheet.is_some_and(|sheet| sheet.is_restricted(line.first())),
                        reached: order
                            .iter()
                            .map(|(_, _, own)| own.get(at).copied().unwrap_or_default())
                            .collect(),
                    }
                })
                .collect();
            let count = |group: usize| {
                let reached = own
                    .iter()
                    .filter(|line| line.reached.get(group) == Some(&true));
                reached.map(|line| line.count).sum()
            };
            UserTable {
                anchor: format!("users={}", head.anchor),
                deployment: head.name.clone(),
                counts: (0..order.len()).map(count).collect(),
                lines: own,
            }
        };
        Self {
            groups,
            nothing,
            tables: shown.deployments.iter().enumerate().map(table).collect(),
            left_out,
        }
    }
}

/// By user: whether one of the keys may call each line, deployment by deployment.
fn reached(
    matrix: &Matrix,
    lines: &[&Line],
    directory: &Directory,
    holders: &[KeyHolder],
) -> BTreeMap<UserId, Vec<bool>> {
    let sheets = matrix.sheets();
    let size = lines.len() * sheets.len();
    let mut reached: BTreeMap<UserId, Vec<bool>> = BTreeMap::new();
    for (number, line) in lines.iter().enumerate() {
        let Some(row) = matrix.axes().rows().get(line.first()) else {
            continue;
        };
        // Which tenants a request can name depends on the endpoint.
        let mut own = holders.to_vec();
        for holder in &mut own {
            holder.circumstances = holder.circumstances_on(row, matrix.policy(), directory);
        }
        for (place, sheet) in sheets.iter().enumerate() {
            let callers = DeploymentCallers::of(sheet, line.first(), &own);
            for holder in callers.keys {
                let all = reached.entry(holder.user.clone());
                let all = all.or_insert_with(|| vec![false; size]);
                if let Some(field) = all.get_mut(place * lines.len() + number) {
                    *field = true;
                }
            }
        }
    }
    reached
}
