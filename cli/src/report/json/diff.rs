//! The difference as one JSON object: every group of changed cells in full.

use std::io::Write;

use portcullis::audit::{
    AdministrativeAct, AuthorityChange, ChangeClass, ChangeGroup, Effect, Outcome, ScopePair, Sheet,
};
use portcullis::path::Template;
use portcullis::scope::ScopeLevel;
use portcullis::{Method, ProfileId};
use serde::Serialize;

use crate::exit::Failure;
use crate::report::json::deployed::Deployed;
use crate::report::json::people::{People, people};
use crate::report::json::with_provenance;
use crate::view::invariants::InvariantsDifference;
use crate::view::provenance::Provenance;
use portcullis::audit::view::difference::DiffView;
use portcullis::audit::view::notes;
use portcullis::audit::view::words::{Cell, cells};

/// Prints the object.
pub(crate) fn print(
    output: &mut impl Write,
    view: &DiffView<'_>,
    invariants: &InvariantsDifference,
    provenance: &Provenance,
) -> Result<(), Failure> {
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
            .map(|(before, after)| [before, after].map(deployed))
            .collect(),
        changed: diff.groups().iter().map(ChangeGroup::cells).sum(),
        changes: ChangeClass::ALL
            .into_iter()
            .map(count)
            .map(|(class, cells)| Count { class, cells })
            .collect(),
        groups: groups.iter().map(|group| changes(view, group)).collect(),
        administration: diff
            .authority()
            .iter()
            .map(|change| authority(view, change))
            .collect(),
        notes: view
            .notes
            .iter()
            .map(|note| notes::words(diff.axes(), note))
            .collect(),
        invariants: (!invariants.is_empty() || invariants.after.is_some()).then_some(invariants),
        impact: view.people.map(|own| people(diff, own)),
    };
    with_provenance(output, &document, provenance)
}

#[derive(Serialize)]
struct Document<'r> {
    before: Side,
    after: Side,
    /// `null` is no release: its counterpart is added or removed.
    compared: Vec<[Option<Deployed>; 2]>,
    changed: u64,
    changes: Vec<Count>,
    groups: Vec<Changes<'r>>,
    administration: Vec<AuthorityTurn<'r>>,
    notes: Vec<String>,
    /// `None` if neither policy has any.
    #[serde(skip_serializing_if = "Option::is_none")]
    invariants: Option<&'r InvariantsDifference>,
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

/// Acts that one side alone allows: the product of the lists.
#[derive(Serialize)]
struct AuthorityTurn<'r> {
    effect: Effect,
    actors: Vec<&'r ProfileId>,
    others: Vec<&'r ProfileId>,
    acts: Vec<Authority>,
}

#[derive(Serialize)]
struct Authority {
    act: AdministrativeAct,
    actor_scope: ScopeLevel,
    other_scope: ScopeLevel,
    inside: bool,
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

fn deployed(sheet: &Sheet) -> Option<Deployed> {
    (!sheet.is_nothing()).then(|| Deployed::of(sheet))
}

fn authority<'r>(view: &DiffView<'r>, change: &AuthorityChange) -> AuthorityTurn<'r> {
    let all = view.diff.axes().profiles();
    let named = |places: &[usize]| places.iter().filter_map(|place| all.get(*place)).collect();
    let act = |(act, scopes): (AdministrativeAct, ScopePair)| Authority {
        act,
        actor_scope: scopes.actor,
        other_scope: scopes.other,
        inside: scopes.is_inside,
    };
    AuthorityTurn {
        effect: change.effect(),
        actors: named(change.actors()),
        others: named(change.others()),
        acts: change.authorities().iter().map(act).collect(),
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
