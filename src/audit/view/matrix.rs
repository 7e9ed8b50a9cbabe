//! A matrix as tables: pages of rows. Equal pages and equal rows are merged.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::audit::axes::Row;
use crate::audit::cell::Answers;
use crate::audit::matrix::{Matrix, Sheet};
use crate::id::ProfileId;
use crate::method::Method;
use crate::path::template::Template;
use crate::scope::ScopeLevel;
use crate::util::hash::Map;

use crate::audit::view::marks::Marks;

/// Which rows to show. Only the profiles that are shown count.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RowFilter {
    /// Some profile may call it.
    Allowed,
    /// No profile may call it.
    Denied,
    /// It is restricted in this deployment.
    Restricted,
}

/// The tables of a matrix, or of a part of it.
#[derive(Debug)]
pub struct MatrixView<'m> {
    /// The indexes of the profiles on the axes.
    profiles: Vec<usize>,
    /// The names of the profiles.
    pub names: Vec<&'m ProfileId>,
    /// The tables, at least one.
    pub pages: Vec<Page<'m>>,
    /// The marks of all pages.
    pub marks: Marks<'m>,
}

/// One table: the outcomes of one deployment, or of several with equal outcomes.
#[derive(Debug)]
pub struct Page<'m> {
    /// The deployments, at least one.
    pub sheets: Vec<&'m Sheet>,
    /// The rows, in the order of the policy.
    pub lines: Vec<Line<'m>>,
}

/// One row of a table: an endpoint-method, or all endpoint-methods of an alternation
/// if their outcomes are equal.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Line<'m> {
    /// How many rows of the matrix it has, at least one.
    pub count: usize,
    /// The first of these rows.
    pub row: &'m Row,
    /// Whether it is restricted in this deployment.
    pub restricted: bool,
    class: u32,
}

impl<'m> MatrixView<'m> {
    /// The tables with some rows and profiles of a matrix, by their indexes on the
    /// axes. Deployments with equal tables share a page.
    ///
    /// `folds` says whether the rows of an alternation become one line.
    pub fn of(
        matrix: &'m Matrix,
        rows: &[usize],
        profiles: Vec<usize>,
        only: Option<RowFilter>,
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
            let same = view
                .pages
                .iter()
                .position(|other| view.is_same_table(other, &page));
            match same.and_then(|place| view.pages.get_mut(place)) {
                Some(first) => first.sheets.extend(page.sheets),
                None => view.pages.push(page),
            }
        }
        view
    }

    /// Scope and profile of every column, in order.
    pub fn heads(&self) -> impl Iterator<Item = (ScopeLevel, &'m ProfileId)> + '_ {
        let scopes = ScopeLevel::ALL.into_iter();
        scopes.flat_map(|scope| self.names.iter().map(move |name| (scope, *name)))
    }

    /// The marks of the fields of a page. `marks` must be those of the view or of
    /// this page.
    pub fn page_marks(&self, marks: &Marks<'m>, page: &Page<'m>) -> PageMarks<'_, 'm> {
        let sheet = page.sheets.first().copied();
        let answers = sheet.into_iter().flat_map(Sheet::distinct);
        // Answers that no line of the page shows have no mark.
        let places = answers
            .map(|answers| marks.place(answers).unwrap_or_default())
            .collect();
        PageMarks {
            view: self,
            sheet,
            places,
        }
    }

    /// The marks of one page only. There are fewer of them than in the view, so
    /// they are shorter.
    pub fn marks_of(&self, page: &Page<'m>) -> Marks<'m> {
        Marks::of(self.counts(page))
    }

    /// The columns of one class of rows, by the indexes of their answers.
    fn columns(&self, sheet: &'m Sheet, class: u32) -> impl Iterator<Item = usize> + '_ {
        let scopes = ScopeLevel::ALL.into_iter();
        let columns = scopes.flat_map(|scope| self.profiles.iter().map(move |own| (scope, *own)));
        columns.filter_map(move |(scope, profile)| sheet.place(class, profile, scope))
    }

    /// How often each of a page's distinct answers is shown.
    fn counts(&self, page: &Page<'m>) -> Vec<(&'m Answers, usize)> {
        let mut lines: Map<u32, usize> = Map::default();
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

    /// Whether two pages are equal but for their deployments.
    fn is_same_table(&self, one: &Page<'m>, other: &Page<'m>) -> bool {
        let rows = |page: &Page<'m>| {
            page.lines
                .iter()
                .map(|line| (line.row, line.count, line.restricted))
                .collect::<Vec<_>>()
        };
        let (left, right) = (
            self.page_marks(&self.marks, one),
            self.page_marks(&self.marks, other),
        );
        let same =
            |(one, other): (&Line<'m>, &Line<'m>)| left.of_line(one).eq(right.of_line(other));
        rows(one) == rows(other) && one.lines.iter().zip(&other.lines).all(same)
    }

    fn lines(
        &self,
        sheet: &'m Sheet,
        rows: &[usize],
        only: Option<RowFilter>,
        folds: bool,
    ) -> Vec<Line<'m>> {
        let all = sheet.axes().rows();
        let mut allowed: Map<u32, bool> = Map::default();
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
            // Only the profiles that are shown count.
            let mut is_allowed = || {
                *allowed
                    .entry(class)
                    .or_insert_with(|| self.allows(sheet, *number))
            };
            let keeps = match only {
                None => true,
                Some(RowFilter::Allowed) => is_allowed(),
                Some(RowFilter::Denied) => !is_allowed(),
                Some(RowFilter::Restricted) => line.restricted,
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

/// The marks of the fields of one page, as indexes of some [`Marks`].
#[derive(Debug)]
pub struct PageMarks<'v, 'm> {
    view: &'v MatrixView<'m>,
    sheet: Option<&'m Sheet>,
    /// By the index of the sheet's distinct answers: the index of the mark.
    places: Vec<usize>,
}

impl<'m> PageMarks<'_, 'm> {
    /// The marks of a line, column by column.
    pub fn of_line(&self, line: &Line<'m>) -> impl Iterator<Item = usize> + '_ {
        let class = line.class;
        let columns = self
            .sheet
            .into_iter()
            .flat_map(move |sheet| self.view.columns(sheet, class));
        columns.filter_map(|place| self.places.get(place).copied())
    }
}

/// Merges the rows of one alternation, if all of them are there and equal.
fn fold(lines: Vec<Line<'_>>) -> Vec<Line<'_>> {
    let mut families: Map<(Method, &Template), Vec<Line<'_>>> = Map::default();
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
        let are_equal = family
            .iter()
            .all(|line| (line.class, line.restricted) == (first.class, first.restricted));
        count > 1 && are_equal && count == first.row.written().expand().len()
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
    pub fn title(&self) -> String {
        let names: Vec<String> = self.sheets.iter().map(|sheet| deployment(sheet)).collect();
        format!("release {}", names.join(", "))
    }
}

/// One deployment in words: the release, and the switch if there is one.
pub fn deployment(sheet: &Sheet) -> String {
    let release = sheet.deployment().release();
    match (sheet.has_switch(), sheet.deployment().scoped_keys()) {
        (false, _) => release.to_string(),
        (true, false) => format!("{release} with scoped keys off"),
        (true, true) => format!("{release} with scoped keys on"),
    }
}

impl Line<'_> {
    /// A remark to put after the template. An endpoint whose path names the tenant
    /// has no cells without a named tenant.
    pub fn remark(&self) -> &'static str {
        if self.row.names_tenant_in_path() {
            ", which names the tenant"
        } else {
            ""
        }
    }

    /// The template to show: the written one if the line is all of its alternation.
    pub fn label(&self) -> &Template {
        if self.count == 1 {
            self.row.template()
        } else {
            self.row.written()
        }
    }
}
