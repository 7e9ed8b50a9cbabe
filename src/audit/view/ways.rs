//! Families of endpoint-methods in words: who may call each, and once for all
//! of them the scopes and credentials.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cmp::Reverse;

use crate::audit::axes::{Axes, Row};
use crate::audit::cell::Circumstances;
use crate::audit::matrix::Sheet;
use crate::method::Method;
use crate::policy::Policy;
use crate::util::hash::Map;

use crate::audit::view::callers::{Columns, Family};
use crate::audit::view::matrix::deployment;
use crate::audit::view::ranks::profiles_and_up;
use crate::audit::view::words::{EndpointList, by_profiles, circumstances, scopes};

/// The most templates that are listed one by one. More are listed by who may
/// call them.
const MOST_TEMPLATES: usize = 12;

/// One line of a report, with how deep it is below its title.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Line {
    /// How deep: 0 is directly below the title.
    pub depth: usize,
    /// What it says.
    pub text: String,
}

impl Line {
    /// A line at a depth.
    pub fn new(depth: usize, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { depth, text }
    }
}

/// The methods of a template, with who may call each.
type Methods = Vec<(Method, String)>;

/// One side of a difference, for putting families in words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Words<'w> {
    pub(crate) axes: &'w Axes,
    /// The policy of the side, whose profiles inherit.
    pub(crate) policy: &'w Policy,
    /// By the places of the compared deployments.
    pub(crate) labels: &'w [Label],
}

/// The names of a deployment.
#[derive(Clone, Debug)]
pub(crate) struct Label {
    /// The name of all deployments of its release together.
    release: String,
    /// Its own name.
    name: String,
}

impl Label {
    /// A deployment of one side.
    pub(crate) fn of(sheet: &Sheet) -> Self {
        Self {
            release: sheet.deployment().release().to_string(),
            name: deployment(sheet),
        }
    }

    /// A pair of compared deployments, with its name.
    pub(crate) fn of_pair(before: &Sheet, after: &Sheet, name: String) -> Self {
        if before.deployment() == after.deployment() && before.has_switch() == after.has_switch() {
            return Self::of(after);
        }
        Self {
            release: name.clone(),
            name,
        }
    }
}

impl Words<'_> {
    /// A family: its rows with who may call them, then how. `remark` is added to
    /// every row.
    pub(crate) fn family(&self, family: &Family, deployments: &[usize], remark: &str) -> Vec<Line> {
        let mut lines = self.rows(family, remark);
        if !family.profiles().is_empty() {
            lines.extend(self.ways(family, deployments));
        }
        lines
    }

    fn rows(&self, family: &Family, remark: &str) -> Vec<Line> {
        let by_template = self.by_template(family);
        if by_template.len() <= MOST_TEMPLATES {
            let line = |text| Line::new(0, format!("{text}{remark}"));
            return by_template.into_iter().map(line).collect();
        }
        self.by_callers(family, remark)
    }

    /// Who may call which rows, the rows with the same callers together.
    pub(crate) fn by_callers(&self, family: &Family, remark: &str) -> Vec<Line> {
        let mut lines = Vec::new();
        for (rows, profiles) in family.kinds() {
            let who = profiles_and_up(self.axes, self.policy, profiles);
            let list = EndpointList::of(self.axes, rows);
            match list.lines().as_slice() {
                [one] => lines.push(Line::new(0, format!("{who}: {one}{remark}"))),
                several => {
                    let counted = list.counted();
                    lines.push(Line::new(0, format!("{who}: {counted}{remark}")));
                    lines.extend(several.iter().map(|line| Line::new(1, line)));
                }
            }
        }
        lines
    }

    /// `GET /a: user and up; POST: security_admin and up`, for each template.
    /// An alternation is one template if all its alternatives are the same.
    fn by_template(&self, family: &Family) -> Vec<String> {
        let mut rows: Vec<(usize, String)> = Vec::new();
        for (places, profiles) in family.kinds() {
            let who = profiles_and_up(self.axes, self.policy, profiles);
            rows.extend(places.iter().map(|place| (*place, who.clone())));
        }
        rows.sort_unstable();
        let mut templates: Map<String, (&Row, Methods)> = Map::default();
        for (place, who) in rows {
            if let Some(row) = self.axes.rows().get(place) {
                let template = row.template().to_string();
                let entry = templates.entry(template);
                let (_, methods) = entry.or_insert_with(|| (row, Vec::new()));
                methods.push((row.method(), who));
            }
        }
        // Alternatives with the same callers, by their written template.
        let mut written: Map<(String, Methods), Vec<String>> = Map::default();
        for (template, (row, methods)) in templates {
            let key = (row.written().to_string(), methods.clone());
            let alternatives = row.written().expand().len();
            let all = written.entry(key).or_default();
            all.push(template);
            if all.len() == alternatives {
                *all = Vec::from([row.written().to_string()]);
            }
        }
        let entries = written.into_iter().flat_map(|((_, methods), templates)| {
            templates
                .into_iter()
                .map(move |template| one_template(&template, &methods))
        });
        entries.collect()
    }

    /// At which scope and by which credential the family is called, in every
    /// deployment.
    pub(crate) fn ways(&self, family: &Family, deployments: &[usize]) -> Vec<Line> {
        let mut ways: Map<(Columns, Circumstances), Vec<usize>> = Map::default();
        for deployment in deployments {
            for way in family.ways(*deployment) {
                ways.entry(way).or_default().push(*deployment);
            }
        }
        let mut ways: Vec<(&(Columns, Circumstances), &Vec<usize>)> = ways.iter().collect();
        // The commonest comes first.
        ways.sort_by_key(|((columns, _), _)| Reverse(columns.len()));
        let all = family.profiles();
        let every = self.names(deployments);
        let line = |((columns, cells), own): (&(Columns, Circumstances), &Vec<usize>)| {
            let names = self.names(own);
            let before = if names == every && deployments.len() > 1 {
                "in every release".to_owned()
            } else {
                names
            };
            if columns.is_empty() {
                return format!("{before}: nobody");
            }
            let who = self.columns(&all, columns);
            format!("{before}: {who}: {}", circumstances(*cells))
        };
        let lines = ways.into_iter().map(|way| Line::new(1, line(way)));
        let mut all_lines = Vec::from([Line::new(0, "where and how:")]);
        all_lines.extend(lines);
        all_lines
    }

    /// Profiles and scopes. The profiles are left out if they are those of the
    /// family.
    fn columns(&self, all: &[usize], columns: &Columns) -> String {
        let by_profiles = by_profiles(columns);
        let each = by_profiles.iter().map(|(own, levels)| {
            let at = scopes(levels);
            if own == all {
                format!("at {at}")
            } else {
                format!("{} at {at}", profiles_and_up(self.axes, self.policy, own))
            }
        });
        each.collect::<Vec<_>>().join("; ")
    }

    /// The names of deployments, each once. A release with its switch off and on
    /// is named once.
    pub(crate) fn names(&self, deployments: &[usize]) -> String {
        let labels = deployments
            .iter()
            .filter_map(|place| self.labels.get(*place));
        let mut releases: Map<&str, Vec<&str>> = Map::default();
        for label in labels {
            let own = releases.entry(&label.release).or_default();
            if !own.contains(&label.name.as_str()) {
                own.push(&label.name);
            }
        }
        let name = |(release, names): (&'_ str, Vec<&'_ str>)| match names.as_slice() {
            [one] => (*one).to_owned(),
            _ => release.to_owned(),
        };
        let names: Vec<String> = releases.into_iter().map(name).collect();
        names.join(", ")
    }
}

/// One template: its methods, those with the same callers together.
fn one_template(template: &str, methods: &[(Method, String)]) -> String {
    let mut by_who: Map<&str, Vec<&str>> = Map::default();
    for (method, who) in methods {
        by_who.entry(who).or_default().push(method.as_str());
    }
    let part = |(number, (who, methods)): (usize, (&str, Vec<&str>))| {
        let methods = methods.join(", ");
        if number == 0 {
            format!("{methods} {template}: {who}")
        } else {
            format!("{methods}: {who}")
        }
    };
    let parts: Vec<String> = by_who.into_iter().enumerate().map(part).collect();
    parts.join("; ")
}
