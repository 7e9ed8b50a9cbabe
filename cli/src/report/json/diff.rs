//! The difference as one JSON object: every group of changed cells in full.

use std::io::Write;

use portcullis::audit::{ChangeClass, ChangeGroup, Circumstances, Effect, Outcome};
use portcullis::path::Template;
use portcullis::scope::ScopeLevel;
use portcullis::{KeyId, Method, ProfileId, Reason, UserId};
use serde::Serialize;

use crate::exit::Failure;
use crate::report::json::deployed::Deployed;
use crate::report::json::json;
use portcullis::audit::view::difference::DiffView;
use portcullis::audit::view::notes;
use portcullis::audit::view::people::parts;
use portcullis::audit::view::words::{Cell, cells};

/// Prints the object.
pub(crate) fn print(output: &mut impl Write, view: &DiffView<'_>) -> Result<(), Failure> {
    let diff = view.diff;
    let [before, after] = view.names;
    let side = |name: &str, matrix: &portcullis::audit::Matrix| Side {
        name: name.to_owned(),
        policy: matrix.policy().digest().to_string(),
    };
    let count = |class| (class, diff.cells(class));
    // Each group is the product of its lists, so that a program can expand it.
    let groups: Vec<ChangeGroup> = diff
        .groups()
        .iter()
        .flat_map(ChangeGroup::products)
        .collect();
    let document = Document {
        before: side(before, diff.before()),
        after: side(after, diff.after()),
        compared: diff
            .pairs()
            .map(|(before, after)| [Deployed::of(before), Deployed::of(after)])
            .collect(),
        changed: diff.groups().iter().map(ChangeGroup::cells).sum(),
        changes: ChangeClass::ALL
            .into_iter()
            .map(count)
            .map(|(class, cells)| Count { class, cells })
            .collect(),
        groups: groups.iter().map(|group| changes(view, group)).collect(),
        notes: view
            .notes
            .iter()
            .map(|note| notes::words(diff.axes(), note))
            .collect(),
        impact: view.people.map(|_| people(view)),
    };
    json(output, &document)
}

#[derive(Serialize)]
struct Document<'r> {
    before: Side,
    after: Side,
    compared: Vec<[Deployed; 2]>,
    changed: u64,
    changes: Vec<Count>,
    groups: Vec<Changes<'r>>,
    notes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    impact: Option<People<'r>>,
}

#[derive(Serialize)]
struct Side {
    name: String,
    policy: String,
}

#[derive(Serialize)]
struct Count {
    class: ChangeClass,
    cells: u64,
}

#[derive(Serialize)]
struct Changes<'r> {
    class: ChangeClass,
    effect: Effect,
    cells: u64,
    /// By their places in `compared`.
    deployments: &'r [usize],
    profiles: Vec<&'r ProfileId>,
    scopes: &'r [ScopeLevel],
    endpoints: Vec<Endpoint<'r>>,
    turns: Vec<Turn>,
}

#[derive(Serialize)]
struct Endpoint<'r> {
    method: Method,
    endpoint: &'r Template,
}

#[derive(Serialize)]
struct Turn {
    before: Outcome,
    after: Outcome,
    cells: Vec<Cell>,
}

#[derive(Serialize)]
struct People<'r> {
    now: portcullis::UnixSeconds,
    touched: Vec<Touched<'r>>,
    refused: Vec<Holder<'r>>,
    without_key: &'r [UserId],
}

#[derive(Serialize)]
struct Touched<'r> {
    keys: Vec<Holder<'r>>,
    gain: Vec<Part<'r>>,
    lose: Vec<Part<'r>>,
}

#[derive(Serialize)]
struct Holder<'r> {
    user: &'r UserId,
    key: &'r KeyId,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Reason>,
}

#[derive(Serialize)]
struct Part<'r> {
    endpoints: Vec<Endpoint<'r>>,
    cells: Vec<Cell>,
}

fn changes<'r>(view: &DiffView<'r>, group: &'r ChangeGroup) -> Changes<'r> {
    let all = view.diff.axes().profiles();
    let turns = group.changes().iter();
    Changes {
        class: group.class(),
        effect: group.effect(),
        cells: group.cells(),
        deployments: group.deployments(),
        profiles: group
            .profiles()
            .iter()
            .filter_map(|place| all.get(*place))
            .collect(),
        scopes: group.scopes(),
        endpoints: endpoints(view, group.rows()),
        turns: turns
            .map(|turn| Turn {
                before: turn.before,
                after: turn.after,
                cells: cells(turn.circumstances),
            })
            .collect(),
    }
}

fn endpoints<'r>(view: &DiffView<'r>, rows: &[usize]) -> Vec<Endpoint<'r>> {
    let all = view.diff.axes().rows();
    let rows = rows.iter().filter_map(|place| all.get(*place));
    rows.map(|row| Endpoint {
        method: row.method(),
        endpoint: row.template(),
    })
    .collect()
}

fn people<'r>(view: &DiffView<'r>) -> People<'r> {
    let Some(people) = view.people else {
        return People {
            now: portcullis::UnixSeconds::new(0),
            touched: Vec::new(),
            refused: Vec::new(),
            without_key: &[],
        };
    };
    let part = |(all, rows): (Circumstances, Vec<usize>)| Part {
        endpoints: endpoints(view, &rows),
        cells: cells(all),
    };
    let holder = |holder: &'r portcullis::audit::KeyHolder| Holder {
        user: &holder.user,
        key: &holder.key,
        reason: holder.refused,
    };
    let touched = people.impact.affected().iter().map(|touched| Touched {
        keys: touched
            .holders()
            .iter()
            .filter_map(|place| people.impact.holders().get(*place))
            .map(holder)
            .collect(),
        gain: parts(touched, Effect::Widens)
            .into_iter()
            .map(part)
            .collect(),
        lose: parts(touched, Effect::Narrows)
            .into_iter()
            .map(part)
            .collect(),
    });
    let touched = touched.filter(|touched| !touched.gain.is_empty() || !touched.lose.is_empty());
    People {
        now: people.now,
        touched: touched.collect(),
        refused: people.impact.refused().map(holder).collect(),
        without_key: people.impact.keyless(),
    }
}
