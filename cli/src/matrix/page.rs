//! The part of a matrix that is shown: pages of rows, with what is alike folded.

use std::collections::HashMap;

use portcullis::audit::{Answers, Matrix, Row, Sheet};
use portcullis::{Method, ProfileId, ScopeLevel, Template};

use super::Only;
use super::marks::Marks;

/// What is shown of a matrix.
#[derive(Debug)]
pub(crate) struct View<'m> {
    /// The places of the profiles on the axes.
    profiles: Vec<usize>,
    /// Their names.
    pub(crate) names: Vec<&'m ProfileId>,
    /// The tables, at least one.
    pub(crate) pages: Vec<Page<'m>>,
    /// What stands in the fields of all of them.
    pub(crate) marks: Marks<'m>,
}

/// One table: the decisions of one or more deployments that decide alike.
#[derive(Debug)]
pub(crate) struct Page<'m> {
    /// The deployments, at least one.
    pub(crate) sheets: Vec<&'m Sheet>,
    /// The rows, in the order of the policy.
    pub(crate) lines: Vec<Line<'m>>,
}

/// One row of a table: an endpoint-method, or all that an alternation stands
/// for where they are decided alike.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Line<'m> {
    /// How many rows of the matrix it stands for, at least one.
    pub(crate) count: usize,
    /// The first of them.
    pub(crate) row: &'m Row,
    /// Whether the restricted table closes it.
    pub(crate) restricted: bool,
    class: u32,
}

impl<'m> View<'m> {
    /// Gathers what is shown. Deployments that show the same are one page.
    ///
    /// `folds` says whether the rows of an alternation become one line.
    pub(crate) fn of(
        matrix: &'m Matrix,
        rows: &[usize],
        profiles: Vec<usize>,
        only: Option<Only>,
        folds: bool,
    ) -> Self {
        let all = matrix.axes().profiles();
        let names = profiles
            .iter()
            .filter_map(|profile| all.get(*profile))
            .collect();
        let mut view = Self {
            profiles,
            names,
            pages: Vec::new(),
            marks: Marks::default(),
        };
        let shown: Vec<Page<'m>> = matrix
            .sheets()
            .iter()
            .map(|sheet| Page {
                sheets: Vec::from([sheet]),
                lines: view.lines(sheet, rows, only, folds),
            })
            .collect();
        view.marks = Marks::of(shown.iter().flat_map(|page| view.counts(page)));
        for page in shown {
            match view.pages.iter().position(|other| view.alike(other, &page)) {
                Some(place) => view
                    .pages
                    .iter_mut()
                    .skip(place)
                    .take(1)
                    .for_each(|first| first.sheets.extend(&page.sheets)),
                None => view.pages.push(page),
            }
        }
        view
    }

    /// Scope and profile of every column, in order.
    pub(crate) fn heads(&self) -> impl Iterator<Item = (ScopeLevel, &'m ProfileId)> + '_ {
        ScopeLevel::ALL
            .into_iter()
            .flat_map(|scope| self.names.iter().map(move |name| (scope, *name)))
    }

    /// The marks of a line, column by column, by their places among some marks
    /// that know the page.
    pub(crate) fn fields<'v>(
        &'v self,
        marks: &'v Marks<'m>,
        page: &'v Page<'m>,
        line: &'v Line<'m>,
    ) -> impl Iterator<Item = usize> + 'v {
        let sheet = page.sheets.first();
        let answers = sheet
            .into_iter()
            .flat_map(|sheet| self.answers(sheet, line.class));
        answers.filter_map(|answers| marks.place(answers))
    }

    /// The marks of one page alone: fewer, and so shorter ones.
    pub(crate) fn marks_of(&self, page: &Page<'m>) -> Marks<'m> {
        Marks::of(self.counts(page))
    }

    fn answers<'v>(
        &'v self,
        sheet: &'m Sheet,
        class: u32,
    ) -> impl Iterator<Item = &'m Answers> + 'v {
        let distinct: Vec<&Answers> = sheet.distinct().collect();
        let columns = ScopeLevel::ALL
            .into_iter()
            .flat_map(|scope| self.profiles.iter().map(move |own| (scope, *own)));
        columns.filter_map(move |(scope, profile)| {
            distinct.get(sheet.place(class, profile, scope)?).copied()
        })
    }

    /// How often each of a page's distinct answers is shown.
    fn counts(&self, page: &Page<'m>) -> Vec<(&'m Answers, usize)> {
        let mut shown: HashMap<u32, usize> = HashMap::new();
        for line in &page.lines {
            *shown.entry(line.class).or_default() += 1;
        }
        let mut counts = Vec::new();
        for sheet in &page.sheets {
            for class in 0..u32::try_from(sheet.class_count()).unwrap_or(u32::MAX) {
                if let Some(count) = shown.get(&class) {
                    counts.extend(self.answers(sheet, class).map(|answers| (answers, *count)));
                }
            }
        }
        counts
    }

    /// Whether two pages show the same.
    fn alike(&self, one: &Page<'m>, other: &Page<'m>) -> bool {
        let same = |one: &Line<'m>, other: &Line<'m>| {
            (one.row, one.count, one.restricted) == (other.row, other.count, other.restricted)
        };
        one.lines.len() == other.lines.len()
            && one
                .lines
                .iter()
                .zip(&other.lines)
                .all(|(one, other)| same(one, other))
            && one.lines.iter().zip(&other.lines).all(|(left, right)| {
                self.fields(&self.marks, one, left)
                    .eq(self.fields(&self.marks, other, right))
            })
    }

    fn lines(
        &self,
        sheet: &'m Sheet,
        rows: &[usize],
        only: Option<Only>,
        folds: bool,
    ) -> Vec<Line<'m>> {
        let line = |row: &usize| {
            let (class, restricted) = (sheet.class(*row)?, sheet.is_restricted(*row));
            Some(Line {
                count: 1,
                row: sheet.axes().rows().get(*row)?,
                restricted,
                class,
            })
        };
        let kept = rows
            .iter()
            .filter_map(line)
            .filter(|line| only.is_none_or(|only| self.keeps(only, sheet, line)));
        if folds {
            fold(kept.collect())
        } else {
            kept.collect()
        }
    }

    /// Whether a line is one of those asked for, judged by the columns shown.
    fn keeps(&self, only: Only, sheet: &'m Sheet, line: &Line<'m>) -> bool {
        let allowed = || {
            self.answers(sheet, line.class)
                .any(|answers| !answers.allowed().is_empty())
        };
        match only {
            Only::Allowed => allowed(),
            Only::Denied => !allowed(),
            Only::Restricted => line.restricted,
        }
    }
}

/// Folds the rows of one alternation, where all of them are there and alike.
fn fold(lines: Vec<Line<'_>>) -> Vec<Line<'_>> {
    let mut families: HashMap<(Method, &Template), Vec<Line<'_>>> = HashMap::new();
    for line in &lines {
        families
            .entry((line.row.method(), line.row.written()))
            .or_default()
            .push(line.clone());
    }
    let is_whole = |family: &Vec<Line<'_>>| {
        let (Some(first), count) = (family.first(), family.len()) else {
            return false;
        };
        let alike = family
            .iter()
            .all(|line| (line.class, line.restricted) == (first.class, first.restricted));
        count > 1 && alike && count == first.row.written().expand().len()
    };
    families.retain(|_, family| is_whole(family));
    let mut folded = Vec::with_capacity(lines.len());
    for line in lines {
        match families.get(&(line.row.method(), line.row.written())) {
            None => folded.push(line),
            Some(family) if family.first() == Some(&line) => folded.push(Line {
                count: family.len(),
                ..line
            }),
            Some(_) => {}
        }
    }
    folded
}

impl Page<'_> {
    /// The deployments, in words.
    pub(crate) fn title(&self) -> String {
        let names: Vec<String> = self.sheets.iter().map(|sheet| deployment(sheet)).collect();
        format!("release {}", names.join(", "))
    }
}

/// One deployment in words: the release, and the switch where there is one.
pub(crate) fn deployment(sheet: &Sheet) -> String {
    let release = sheet.deployment().release();
    match (sheet.has_switch(), sheet.deployment().scoped_keys()) {
        (false, _) => release.to_string(),
        (true, false) => format!("{release} with scoped keys off"),
        (true, true) => format!("{release} with scoped keys on"),
    }
}

impl Line<'_> {
    /// The template to show: the alternation where it stands for all of it.
    pub(crate) fn label(&self) -> &Template {
        if self.count == 1 {
            self.row.template()
        } else {
            self.row.written()
        }
    }
}
