//! Sets of cells in words that a person reads: who, what and where.

use std::io::{self, Write};

use portcullis::audit::{ACCOUNTS, Axes, Circumstances, KEYS, Outcome, Presentation, Relation, Row};
use portcullis::{AccountKind, KeyKind, Method, ProfileId, ScopeLevel};

/// The columns of text that wrapped lines may take.
const WIDTH: usize = 100;

/// An account that presents something.
pub(crate) type Who = (AccountKind, Presentation, KeyKind);

/// Who presents what: `token or key by Basic of a scoped key`.
pub(crate) fn who(all: &[Who]) -> String {
    let mut parts: Vec<String> = Vec::new();
    for account in ACCOUNTS {
        let of_account: Vec<&Who> = all.iter().filter(|who| who.0 == account).collect();
        let before = match account {
            AccountKind::Local => "",
            AccountKind::Sso => "single sign-on: ",
        };
        if of_account.len() == Presentation::ALL.len() * KEYS.len() {
            parts.push(match account {
                AccountKind::Local => "any credential".to_owned(),
                AccountKind::Sso => "a single sign-on account".to_owned(),
            });
            continue;
        }
        let keys = |presentation| KEYS.map(|key| of_account.contains(&&(account, presentation, key)));
        for (scoped, legacy, of) in
            [(true, true, ""), (true, false, " of a scoped key"), (false, true, " of a legacy key")]
        {
            let same = Presentation::ALL.into_iter().filter(|presentation| keys(*presentation) == [scoped, legacy]);
            let same: Vec<&str> = same.map(presentation).collect();
            if !same.is_empty() {
                parts.push(format!("{before}{}{of}", same.join(" or ")));
            }
        }
    }
    parts.join("; ")
}

fn presentation(presentation: Presentation) -> &'static str {
    match presentation {
        Presentation::Token => "token",
        Presentation::KeyByBasic => "key by Basic",
        Presentation::KeyByBearer => "key as bearer",
        Presentation::TokenByBasic => "token by Basic",
    }
}

/// What is told by relation to the named tenant: one outcome for all, or each.
pub(crate) fn told(told: &[(Relation, Outcome)]) -> String {
    if let Some((_, first)) = told.first()
        && told.iter().all(|(_, outcome)| outcome == first)
    {
        return first.to_string();
    }
    let each: Vec<String> =
        told.iter().map(|(relation, outcome)| format!("{}: {outcome}", relation_words(*relation))).collect();
    each.join("; ")
}

/// The relation to the named tenant.
fn relation_words(relation: Relation) -> &'static str {
    match relation {
        Relation::NotNamed => "no tenant named",
        Relation::Inside => "tenant inside the scope",
        Relation::Outside => "tenant outside",
        Relation::EmptyGroup => "empty group",
    }
}

/// A set of circumstances: `token of a scoped key, no tenant named or one
/// inside the scope`.
pub(crate) fn circumstances(all: Circumstances) -> String {
    let mut relations: Vec<(Who, Vec<Relation>)> = Vec::new();
    for cell in all.iter() {
        let who = (cell.account(), cell.presentation(), cell.key());
        match relations.iter_mut().find(|(other, _)| *other == who) {
            Some((_, relations)) => relations.push(cell.tenant()),
            None => relations.push((who, Vec::from([cell.tenant()]))),
        }
    }
    let mut alike: Vec<(Vec<Relation>, Vec<Who>)> = Vec::new();
    for (who, relations) in relations {
        match alike.iter_mut().find(|(other, _)| *other == relations) {
            Some((_, all)) => all.push(who),
            None => alike.push((relations, Vec::from([who]))),
        }
    }
    let parts: Vec<String> =
        alike.iter().map(|(relations, all)| format!("{}, {}", who(all), tenants(relations))).collect();
    parts.join("; ")
}

fn tenants(relations: &[Relation]) -> &'static str {
    match relations {
        [Relation::NotNamed, Relation::Inside, Relation::Outside, ..] => "whatever tenant is named",
        [Relation::NotNamed, Relation::Inside] => "no tenant named or one inside the scope",
        [Relation::NotNamed, Relation::Outside] => "no tenant named or one outside the scope",
        [Relation::Inside, Relation::Outside] => "any tenant named",
        [Relation::NotNamed] => "no tenant named",
        [Relation::Inside] => "a tenant inside the scope named",
        [Relation::Outside] => "a tenant outside the scope named",
        [Relation::EmptyGroup] => "with an empty group, no tenant named",
        _ => "several relations to the named tenant",
    }
}

/// Profiles by their places: `every profile`, or their names.
pub(crate) fn profiles(axes: &Axes, places: &[usize]) -> String {
    let name = |place: &usize| axes.profiles().get(*place).map_or("", ProfileId::as_str);
    let missing: Vec<usize> = (0..axes.profiles().len()).filter(|place| !places.contains(place)).collect();
    match missing.as_slice() {
        [] if axes.profiles().len() > 1 => "every profile".to_owned(),
        [one] if places.len() > 2 => format!("every profile but {}", name(one)),
        _ => places.iter().map(name).collect::<Vec<_>>().join(", "),
    }
}

/// Levels of scope: `every scope`, `partner and tenant scope`.
pub(crate) fn scopes(scopes: &[ScopeLevel]) -> String {
    if scopes.len() == ScopeLevel::ALL.len() {
        return "every scope".to_owned();
    }
    let names: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
    format!("{} scope", names.join(" and "))
}

/// Rows by their places, folded for reading.
#[derive(Debug)]
pub(crate) struct Endpoints {
    /// How many endpoints of the document they belong to.
    pub(crate) count: usize,
    /// The templates, method by method.
    pub(crate) lists: Vec<(Method, Vec<String>)>,
    /// Whether the lists hold what is *not* meant, because that is shorter.
    pub(crate) is_all_but: bool,
}

impl Endpoints {
    /// Folds rows: an alternation becomes one where all of it is there, and
    /// nearly everything is told by what is missing.
    pub(crate) fn of(axes: &Axes, places: &[usize]) -> Self {
        let rows = |places: &[usize]| places.iter().filter_map(|place| axes.rows().get(*place)).collect::<Vec<&Row>>();
        let meant = rows(places);
        let mut written: Vec<String> = meant.iter().map(|row| row.written().to_string()).collect();
        written.sort_unstable();
        written.dedup();
        let others: Vec<usize> = (0..axes.rows().len()).filter(|place| places.binary_search(place).is_err()).collect();
        let is_all_but = others.len() * 4 < places.len();
        let lists = lists(&if is_all_but { rows(&others) } else { meant });
        Self { count: written.len(), lists, is_all_but }
    }

    /// `6 endpoints`, `every endpoint`.
    pub(crate) fn counted(&self) -> String {
        match (self.is_all_but && self.lists.is_empty(), self.count) {
            (true, _) => "every endpoint".to_owned(),
            (false, 1) => "1 endpoint".to_owned(),
            (false, count) => format!("{count} endpoints"),
        }
    }

    /// The templates in one line; nothing where every endpoint is meant.
    pub(crate) fn listed(&self) -> Option<String> {
        if self.lists.is_empty() {
            return None;
        }
        let each: Vec<String> =
            self.lists.iter().map(|(method, templates)| format!("{method} {}", templates.join(", "))).collect();
        let before = if self.is_all_but { "all but " } else { "" };
        Some(format!("{before}{}", each.join("; ")))
    }
}

fn lists(rows: &[&Row]) -> Vec<(Method, Vec<String>)> {
    let mut lists: Vec<(Method, Vec<String>)> = Vec::new();
    for method in Method::ALL {
        let own: Vec<&&Row> = rows.iter().filter(|row| row.method() == method).collect();
        let mut templates: Vec<String> = Vec::new();
        for row in &own {
            let family = own.iter().filter(|other| other.written() == row.written()).count();
            let is_whole = family > 1 && family == row.written().expand().len();
            let label = if is_whole { row.written() } else { row.template() }.to_string();
            if templates.last() != Some(&label) && !(is_whole && templates.contains(&label)) {
                templates.push(label);
            }
        }
        if !templates.is_empty() {
            lists.push((method, templates));
        }
    }
    lists
}

/// Prints a text with line breaks between words, indented; further lines two
/// columns more.
pub(crate) fn wrapped(output: &mut impl Write, indent: usize, text: &str) -> io::Result<()> {
    let mut column = 0;
    for word in text.split(' ') {
        if column == 0 || column + word.len() + 1 > WIDTH {
            let (before, indent) = if column == 0 { ("", indent) } else { ("\n", indent + 2) };
            write!(output, "{before}{:indent$}{word}", "")?;
            column = indent + word.len();
        } else {
            write!(output, " {word}")?;
            column += word.len() + 1;
        }
    }
    writeln!(output)
}
