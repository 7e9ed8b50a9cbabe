//! The rows and columns of a report, and which of them are shown.

use std::collections::BTreeMap;

use portcullis::Method;
use portcullis::audit::{Axes, Matrix, Row, Sheet};
use portcullis::release::Access;
use portcullis::scope::ScopeLevel;

use crate::view::access_report::anchor;
use crate::view::access_report::head::{Column, DeploymentHead};
use portcullis::audit::view::matrix::deployment;
use portcullis::audit::view::words::profiles;

/// The most fields of the matrix, over all deployments: a file with more of them
/// opens slowly.
const MOST_FIELDS: usize = 60_000;

/// What a report shows of a matrix.
pub(crate) struct Shown {
    /// The deployments, in the order of the matrix.
    pub(crate) deployments: Vec<DeploymentHead>,
    /// Profiles at scopes, in the order of the views.
    pub(crate) columns: Vec<Column>,
    /// The rows of the access tables.
    pub(crate) lines: Vec<Line>,
    /// The rows that some deployment restricts.
    pub(crate) restricted: Vec<Line>,
    /// Which rows the access tables have.
    pub(crate) extent: Extent,
}

/// Which rows the access tables have.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Extent {
    /// All of them.
    Whole,
    /// Only those that some deployment restricts: all would be too many fields.
    RestrictedOnly {
        /// How many fields all would be.
        fields: usize,
    },
    /// None: even these would be too many.
    Nothing {
        /// How many fields all would be.
        fields: usize,
    },
}

/// One line: an endpoint-method, or all endpoint-methods of an alternation if every
/// deployment treats them in the same way.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// The rows of the axes, at least one.
    pub(crate) rows: Vec<usize>,
    pub(crate) method: Method,
    /// The template: the written one if the line has all of its alternation.
    pub(crate) label: String,
    /// The first literal of the path.
    pub(crate) area: String,
    /// Whether the path names the tenant.
    pub(crate) names_tenant: bool,
}

impl Line {
    /// The first of its rows.
    pub(crate) fn first(&self) -> usize {
        self.rows.first().copied().unwrap_or_default()
    }
}

impl Shown {
    /// What is shown of a matrix.
    pub(crate) fn of(matrix: &Matrix) -> Self {
        let (axes, sheets) = (matrix.axes(), matrix.sheets());
        let columns = columns(axes);
        let all = lines(axes, sheets, 0..axes.rows().len());
        let is_restricted = |row: &usize| sheets.iter().any(|sheet| sheet.is_restricted(*row));
        let restricted = lines(axes, sheets, (0..axes.rows().len()).filter(is_restricted));
        let fields = |lines: &[Line]| {
            let numbers = [lines.len(), columns.len(), sheets.len()];
            numbers.into_iter().fold(1, usize::saturating_mul)
        };
        let whole = fields(&all);
        let (lines, extent) = if whole <= MOST_FIELDS {
            (all, Extent::Whole)
        } else if fields(&restricted) <= MOST_FIELDS {
            let extent = Extent::RestrictedOnly { fields: whole };
            (restricted.clone(), extent)
        } else {
            (Vec::new(), Extent::Nothing { fields: whole })
        };
        Self {
            deployments: sheets.iter().map(|sheet| head(matrix, sheet)).collect(),
            columns,
            lines,
            restricted,
            extent,
        }
    }
}

fn columns(axes: &Axes) -> Vec<Column> {
    let at = |scope: ScopeLevel| {
        let profiles = axes.profiles().iter().enumerate();
        profiles.map(move |(place, profile)| Column {
            profile: profile.to_string(),
            scope: scope.as_str(),
            anchor: format!("{}={scope}", anchor::part(profile.as_str())),
            is_first: place == 0,
        })
    };
    ScopeLevel::ALL.into_iter().flat_map(at).collect()
}

fn head(matrix: &Matrix, sheet: &Sheet) -> DeploymentHead {
    let own = sheet.deployment();
    let release = own.release();
    let switch = sheet.has_switch().then(|| own.scoped_keys());
    let rows = 0..sheet.axes().rows().len();
    let is_closed = match (matrix.policy().access(release), switch) {
        (Some(Access::SuperRootOnly), _) | (Some(Access::EarlyAccess), Some(false)) => true,
        (Some(Access::EarlyAccess | Access::Scoped) | None, _) => false,
    };
    DeploymentHead {
        is_closed,
        anchor: match switch {
            None => release.to_string(),
            Some(false) => format!("{release}.off"),
            Some(true) => format!("{release}.on"),
        },
        release: release.to_string(),
        switch,
        name: deployment(sheet),
        gate: if is_closed {
            "only root users with Super Admin may call the API"
        } else {
            "every account may call the API, within its scope and privileges"
        },
        source: matrix.policy().release_source(release).map(str::to_owned),
        restricted: rows.filter(|row| sheet.is_restricted(*row)).count(),
    }
}

/// Profiles at scopes, for people: `every profile at root; user at partner and tenant`.
pub(crate) fn at_scopes(axes: &Axes, columns: &[(usize, ScopeLevel)]) -> String {
    let mut grouped: Vec<(Vec<usize>, Vec<&str>)> = Vec::new();
    for level in ScopeLevel::ALL {
        let here = columns.iter().filter(|(_, scope)| *scope == level);
        let own: Vec<usize> = here.map(|(profile, _)| *profile).collect();
        match grouped.iter_mut().find(|(other, _)| *other == own) {
            _ if own.is_empty() => {}
            Some((_, levels)) => levels.push(level.as_str()),
            None => grouped.push((own, vec![level.as_str()])),
        }
    }
    let parts = grouped.iter().map(|(own, levels)| {
        let levels = if levels.len() == ScopeLevel::ALL.len() {
            "every scope".to_owned()
        } else {
            levels.join(" and ")
        };
        let own = profiles(axes, own);
        let own = own
            .rsplit_once(", ")
            .map_or(own.clone(), |(before, last)| format!("{before} and {last}"));
        format!("{own} at {levels}")
    });
    parts.collect::<Vec<_>>().join("; ")
}

/// Rows as lines, in their order. The rows of an alternation become one line if all of
/// them are there, and if they are equal in every deployment.
fn lines(axes: &Axes, sheets: &[Sheet], rows: impl Iterator<Item = usize>) -> Vec<Line> {
    let kept: Vec<(usize, &Row)> = rows
        .filter_map(|place| Some((place, axes.rows().get(place)?)))
        .collect();
    let family = |row: &Row| (row.method(), row.written().to_string());
    let mut families: BTreeMap<(Method, String), Vec<usize>> = BTreeMap::new();
    for (place, row) in &kept {
        if row.template() != row.written() {
            families.entry(family(row)).or_default().push(*place);
        }
    }
    families.retain(|_, places| {
        let first = places.first().copied().unwrap_or_default();
        let expected = axes
            .rows()
            .get(first)
            .map(|row| row.written().expand().len());
        let same = |place: &usize| {
            let mut sheets = sheets.iter();
            sheets.all(|sheet| sheet.class(*place) == sheet.class(first))
        };
        expected == Some(places.len()) && places.iter().all(same)
    });
    let mut lines = Vec::new();
    for (place, row) in kept {
        let whole = families.get(&family(row));
        let (rows, label) = match whole {
            None => (vec![place], row.template().to_string()),
            Some(places) if places.first() == Some(&place) => {
                (places.clone(), row.written().to_string())
            }
            Some(_) => continue,
        };
        let area = label.split('/').find(|part| !part.is_empty());
        lines.push(Line {
            rows,
            method: row.method(),
            area: area.unwrap_or_default().to_owned(),
            names_tenant: row.names_tenant_in_path(),
            label,
        });
    }
    lines
}
