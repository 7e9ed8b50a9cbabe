//! Short marks for the patterns of answers in a table, and their meanings.
//!
//! A field of a table has up to 64 cells. Two fields have the same mark only if
//! all cells that both have are equal. The legend lists every cell of a mark,
//! so that nothing is lost.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::audit::cell::{
    ACCOUNTS, Answers, Circumstance, Extent, KEYS, Outcome, Presentation, Relation,
};
use crate::reason::Reason;
use crate::util::hash::Map;

use crate::audit::view::words::Who;

/// The patterns of one report.
#[derive(Debug, Default)]
pub struct Marks<'m> {
    patterns: Vec<Pattern<'m>>,
    known: Map<&'m Answers, usize>,
}

#[derive(Debug)]
struct Pattern<'m> {
    /// The answers with this mark. They agree in every cell that two of them have.
    folded: Vec<&'m Answers>,
    summary: Outcome,
    /// How many fields show it.
    fields: usize,
    /// Its number among the patterns with the same summary: 1 for the
    /// commonest.
    variant: usize,
}

/// What one mark means: who presents what, and the outcomes for them.
#[derive(Debug)]
pub struct Meaning {
    /// Who: accounts, what they present, and the kind of key.
    pub who: Vec<Who>,
    /// The outcomes for them, by relation to the named tenant.
    pub outcomes: Vec<(Relation, Outcome)>,
}

impl<'m> Marks<'m> {
    /// Gives every pattern its mark. Each comes with the number of fields that
    /// show it.
    pub fn of(counted: impl IntoIterator<Item = (&'m Answers, usize)>) -> Self {
        let mut counts: Vec<(&Answers, usize)> = Vec::new();
        let mut places: Map<&Answers, usize> = Map::default();
        for (answers, count) in counted {
            let place = *places.entry(answers).or_insert(counts.len());
            match counts.get_mut(place) {
                Some((_, sum)) => *sum += count,
                None => counts.push((answers, count)),
            }
        }
        // Partners have the most cells, so the answers of others fit into
        // theirs.
        counts.sort_by_key(|(answers, _)| usize::MAX - answers.iter().count());
        let mut marks = Self::default();
        for (answers, count) in counts {
            marks.fold(answers, count);
        }
        marks.number();
        marks
    }

    fn fold(&mut self, answers: &'m Answers, count: usize) {
        let place = self
            .patterns
            .iter()
            .position(|pattern| pattern.agrees(answers));
        let place = place.unwrap_or_else(|| {
            self.patterns.push(Pattern {
                folded: Vec::new(),
                summary: answers.summary(),
                fields: 0,
                variant: 1,
            });
            self.patterns.len() - 1
        });
        if let Some(pattern) = self.patterns.get_mut(place) {
            pattern.folded.push(answers);
            pattern.fields += count;
        }
        self.known.insert(answers, place);
    }

    /// Numbers the patterns of one summary, the commonest first.
    fn number(&mut self) {
        let before: Vec<(&str, usize)> = self
            .patterns
            .iter()
            .map(|one| (one.code(), one.fields))
            .collect();
        for (place, pattern) in self.patterns.iter_mut().enumerate() {
            let ahead = before.iter().enumerate().filter(|(other, (code, fields))| {
                *code == pattern.code() && (*fields, place) > (pattern.fields, *other)
            });
            pattern.variant = 1 + ahead.count();
        }
    }

    /// How many patterns there are.
    pub fn count(&self) -> usize {
        self.patterns.len()
    }

    /// The places of all patterns, allows first, each summary by its numbers.
    pub fn places(&self) -> Vec<usize> {
        let mut places: Vec<usize> = (0..self.patterns.len()).collect();
        places.sort_by_key(|place| {
            self.patterns
                .get(*place)
                .map(|pattern| (pattern.summary.reason(), pattern.variant))
        });
        places
    }

    /// The place of the pattern that a field shows.
    pub fn place(&self, answers: &Answers) -> Option<usize> {
        self.known.get(answers).copied()
    }

    /// The mark as a sign for narrow columns: `+`, `R`, `-2`.
    pub fn sign(&self, place: usize) -> String {
        let Some(pattern) = self.patterns.get(place) else {
            return String::new();
        };
        let signs = signs(pattern.summary);
        match signs.get(pattern.variant - 1) {
            Some(sign) => (*sign).to_owned(),
            None => format!("{}{}", signs.first().unwrap_or(&"x"), pattern.variant),
        }
    }

    /// The mark as a word: `allow`, `restricted_endpoint`, `privilege_missing 2`.
    pub fn word(&self, place: usize) -> String {
        match self.patterns.get(place) {
            None => String::new(),
            Some(pattern) if pattern.variant == 1 => pattern.code().to_owned(),
            Some(pattern) => format!("{} {}", pattern.code(), pattern.variant),
        }
    }

    /// What is the same in every field, with equal cells folded.
    pub fn common(&self) -> Vec<Meaning> {
        fold(everybody().filter_map(|who| Some((who, self.agreed(who)?))))
    }

    /// The outcomes for somebody, if they are the same in every field.
    fn agreed(&self, who: Who) -> Option<Vec<(Relation, Outcome)>> {
        let mut all = (0..self.count())
            .map(|place| self.outcomes(place, who))
            .collect::<Vec<_>>();
        let widest = all.iter().map(Vec::len).max()?;
        all.sort_by_key(|outcomes| usize::MAX - outcomes.len());
        let first = all.first()?.clone();
        let same = |outcomes: &Vec<_>| outcomes.iter().all(|pair| first.contains(pair));
        (first.len() == widest && all.iter().all(same)).then_some(first)
    }

    /// What a mark means, cell by cell, with equal cells folded.
    pub fn meanings(&self, place: usize) -> Vec<Meaning> {
        fold(everybody().map(|who| (who, self.outcomes(place, who))))
    }

    /// What a mark means in addition to what is the same in every field.
    pub fn own_meanings(&self, place: usize) -> Vec<Meaning> {
        fold(
            everybody()
                .filter(|who| self.agreed(*who).is_none())
                .map(|who| (who, self.outcomes(place, who))),
        )
    }

    fn outcomes(
        &self,
        place: usize,
        (account, presentation, key): Who,
    ) -> Vec<(Relation, Outcome)> {
        let pattern = self.patterns.get(place);
        let outcomes = |tenant| {
            let cell = Circumstance::new(account, presentation, key, tenant);
            pattern.and_then(|pattern| Some((tenant, pattern.of(cell)?)))
        };
        Relation::ALL.into_iter().filter_map(outcomes).collect()
    }
}

/// Everybody who may present anything, in the order of the reports.
fn everybody() -> impl Iterator<Item = Who> {
    let keys = |account| KEYS.into_iter().map(move |key| (account, key));
    let pairs = ACCOUNTS.into_iter().flat_map(keys);
    pairs.flat_map(|(account, key)| {
        Presentation::ALL
            .into_iter()
            .map(move |presentation| (account, presentation, key))
    })
}

/// Groups those with the same outcomes.
fn fold(all: impl Iterator<Item = (Who, Vec<(Relation, Outcome)>)>) -> Vec<Meaning> {
    let mut meanings: Vec<Meaning> = Vec::new();
    for (who, outcomes) in all {
        match meanings
            .iter_mut()
            .find(|meaning| meaning.outcomes == outcomes)
        {
            Some(meaning) => meaning.who.push(who),
            None => meanings.push(Meaning {
                who: Vec::from([who]),
                outcomes,
            }),
        }
    }
    meanings
}

impl Pattern<'_> {
    fn code(&self) -> &'static str {
        self.summary.code()
    }

    fn of(&self, cell: Circumstance) -> Option<Outcome> {
        self.folded.iter().find_map(|answers| answers.of(cell))
    }

    /// Whether every cell that both have is equal.
    fn agrees(&self, answers: &Answers) -> bool {
        answers
            .iter()
            .all(|(cell, outcome)| self.of(cell).is_none_or(|own| own == outcome))
    }
}

/// The signs of the patterns with this summary, the commonest first.
fn signs(summary: Outcome) -> &'static [&'static str] {
    match summary {
        Outcome::Allow(Extent::Beyond) => &["!"],
        Outcome::Allow(Extent::Public) => &["O"],
        Outcome::Allow(Extent::Tenant | Extent::Scope | Extent::NotTenantData) => {
            &["+", "*", "#", "@", "%", "&", "="]
        }
        Outcome::Deny(Reason::RestrictedEndpoint) => &["R"],
        Outcome::Deny(Reason::PrivilegeMissing) => &["-"],
        Outcome::Deny(Reason::RootScopeRequired) => &["P"],
        Outcome::Deny(Reason::AccountNotEligible) => &["N"],
        Outcome::Deny(Reason::KeyKindRefused) => &["K"],
        Outcome::Deny(Reason::TechniqueRefused) => &["T"],
        Outcome::Deny(Reason::InconsistentPrincipal) => &["I"],
        Outcome::Deny(_) => &["x"],
    }
}
