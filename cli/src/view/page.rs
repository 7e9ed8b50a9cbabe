//! The part of a matrix that is shown: pages of rows, with what is alike folded.

use std::collections::HashMap;

use portcullis::audit::{Answers, Matrix, Row, Sheet};
use portcullis::{Method, ProfileId, ScopeLevel, Template};

use crate::view::marks::Marks;

/// Which rows to keep, judged by the columns that are shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Only {
    /// Some profile may call it.
    Allowed,
    /// No profile may call it.
    Denied,
    /// The restricted table names it, and is in force.
    Restricted,
}

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
        let page = |sheet| Page {
            sheets: Vec::from([sheet]),
            lines: view.lines(sheet, rows, only, folds),
        };
        let shown: Vec<Page<'m>> = matrix.sheets().iter().map(page).collect();
        view.marks = Marks::of(shown.iter().flat_map(|page| view.counts(page)));
        for page in shown {
            let same = view.pages.iter().position(|other| view.alike(other, &page));
            match same.and_then(|place| view.pages.get_mut(place)) {
                Some(first) => first.sheets.extend(page.sheets),
                None => view.pages.push(page),
            }
        }
        view
    }

    /// Scope and profile of every column, in order.
    pub(crate) fn heads(&self) -> impl Iterator<Item = (ScopeLevel, &'m ProfileId)> + '_ {
        let scopes = ScopeLevel::ALL.into_iter();
        scopes.flat_map(|scope| self.names.iter().map(move |name| (scope, *name)))
    }

    /// The fields of a page, read with some marks that know the page.
    pub(crate) fn fields(&self, marks: &Marks<'m>, page: &Page<'m>) -> Fields<'_, 'm> {
        let sheet = page.sheets.first().copied();
        let answers = sheet.into_iter().flat_map(Sheet::distinct);
        // What no line of the page shows has no mark, and is never looked up.
        let places = answers
            .map(|answers| marks.place(answers).unwrap_or_default())
            .collect();
        Fields {
            view: self,
            sheet,
            places,
        }
    }

    /// The marks of one page alone: fewer, and so shorter ones.
    pub(crate) fn marks_of(&self, page: &Page<'m>) -> Marks<'m> {
        Marks::of(self.counts(page))
    }

    /// The columns of one class of rows, by the places of what is answered.
    fn columns(&self, sheet: &'m Sheet, class: u32) -> impl Iterator<Item = usize> + '_ {
        let scopes = ScopeLevel::ALL.into_iter();
        let columns = scopes.flat_map(|scope| self.profiles.iter().map(move |own| (scope, *own)));
        columns.filter_map(move |(scope, profile)| sheet.place(class, profile, scope))
    }

    /// How often each of a page's distinct answers is shown.
    fn counts(&self, page: &Page<'m>) -> Vec<(&'m Answers, usize)> {
        let mut lines: HashMap<u32, usize> = HashMap::new();
        for line in &page.lines {
            *lines.entry(line.class).or_default() += 1;
        }
        let mut counts = Vec::new();
        for sheet in &page.sheets {
            let mut shown: Vec<(&Answers, usize)> =
                sheet.distinct().map(|answers| (answers, 0)).collect();
            for (class, times) in &lines {
                for place in self.columns(sheet, *class) {
                    if let Some((_, count)) = shown.get_mut(place) {
                        *count += times;
                    }
                }
            }
            counts.extend(shown.into_iter().filter(|(_, count)| *count > 0));
        }
        counts
    }

    /// Whether two pages show the same.
    fn alike(&self, one: &Page<'m>, other: &Page<'m>) -> bool {
        let rows = |page: &Page<'m>| {
            page.lines
                .iter()
                .map(|line| (line.row, line.count, line.restricted))
                .collect::<Vec<_>>()
        };
        let (left, right) = (
            self.fields(&self.marks, one),
            self.fields(&self.marks, other),
        );
        let same =
            |(one, other): (&Line<'m>, &Line<'m>)| left.of_line(one).eq(right.of_line(other));
        rows(one) == rows(other) && one.lines.iter().zip(&other.lines).all(same)
    }

    fn lines(
        &self,
        sheet: &'m Sheet,
        rows: &[usize],
        only: Option<Only>,
        folds: bool,
    ) -> Vec<Line<'m>> {
        let all = sheet.axes().rows();
        let mut allowed: HashMap<u32, bool> = HashMap::new();
        let mut lines = Vec::new();
        for number in rows {
            let (Some(row), Some(class)) = (all.get(*number), sheet.class(*number)) else {
                continue;
            };
            let line = Line {
                count: 1,
                row,
                restricted: sheet.is_restricted(*number),
                class,
            };
            // Judged by the columns that are shown.
            let mut is_allowed = || {
                *allowed
                    .entry(class)
                    .or_insert_with(|| self.allows(sheet, *number))
            };
            let keeps = match only {
                None => true,
                Some(Only::Allowed) => is_allowed(),
                Some(Only::Denied) => !is_allowed(),
                Some(Only::Restricted) => line.restricted,
            };
            lines.extend(keeps.then_some(line));
        }
        if folds { fold(lines) } else { lines }
    }

    /// Whether some profile that is shown may call the row, at some scope.
    fn allows(&self, sheet: &Sheet, row: usize) -> bool {
        let at = |profile: &usize| {
            ScopeLevel::ALL
                .iter()
                .any(|scope| !sheet.allowed(row, *profile, *scope).is_empty())
        };
        self.profiles.iter().any(at)
    }
}

/// The fields of one page, as places among some marks.
#[derive(Debug)]
pub(crate) struct Fields<'v, 'm> {
    view: &'v View<'m>,
    sheet: Option<&'m Sheet>,
    /// By the places of the sheet's distinct answers: those of their marks.
    places: Vec<usize>,
}

impl<'m> Fields<'_, 'm> {
    /// The marks of a line, column by column.
    pub(crate) fn of_line(&self, line: &Line<'m>) -> impl Iterator<Item = usize> + '_ {
        let class = line.class;
        let columns = self
            .sheet
            .into_iter()
            .flat_map(move |sheet| self.view.columns(sheet, class));
        columns.filter_map(|place| self.places.get(place).copied())
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
    /// What the reader of a table is told behind the template: without a tenant
    /// named nobody is asked about such an endpoint.
    pub(crate) fn remark(&self) -> &'static str {
        if self.row.names_tenant_in_path() {
            ", which names the tenant"
        } else {
            ""
        }
    }

    /// The template to show: the alternation where it stands for all of it.
    pub(crate) fn label(&self) -> &Template {
        if self.count == 1 {
            self.row.template()
        } else {
            self.row.written()
        }
    }
}
