//! The cells that a selection of an invariant means.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use crate::audit::cell::{Circumstance, Circumstances, Presentation};
use crate::audit::sample::filler;
use crate::document::policy::SelectionDocument;
use crate::id::ProfileId;
use crate::key::KeyKind;
use crate::method::Method;
use crate::path::automaton::shape::Shape;
use crate::path::template::{Segment, Template};
use crate::policy::Policy;
use crate::scope::ScopeLevel;
use crate::util::hash::{Map, Set};

/// A selection, looked up in a policy.
#[derive(Debug)]
pub(super) struct Selected {
    /// By endpoint of the policy.
    endpoints: Vec<bool>,
    /// The bits of the methods.
    methods: u8,
    /// By profile of the axes.
    pub(super) profiles: Vec<bool>,
    scopes: Vec<ScopeLevel>,
    pub(super) circumstances: Circumstances,
    /// Whether it says anything about the caller. A caller without a credential
    /// is selected only if it does not.
    pub(super) is_about_callers: bool,
    /// Paths beneath a template that its endpoint's sample path is not beneath.
    paths: Map<u32, String>,
}

impl Selected {
    /// Every cell.
    pub(super) fn all(policy: &Policy, profiles: &[ProfileId]) -> Self {
        Self::of(&SelectionDocument::default(), policy, profiles)
    }

    pub(super) fn of(written: &SelectionDocument, policy: &Policy, profiles: &[ProfileId]) -> Self {
        let SelectionDocument {
            profiles: own,
            scopes,
            accounts,
            credentials,
            methods,
            endpoints,
            beneath,
        } = written;
        let is_among = |circumstance: &Circumstance| {
            let word = word(*circumstance);
            (accounts.is_empty() || accounts.contains(&circumstance.account()))
                && (credentials.is_empty() || credentials.contains(&word.as_str()))
        };
        let mut selected = Self {
            endpoints: vec![endpoints.is_empty() && beneath.is_empty(); policy.endpoints().len()],
            methods: match methods.as_slice() {
                [] => u8::MAX,
                methods => methods.iter().fold(0, |bits, method| bits | method.bit()),
            },
            profiles: profiles
                .iter()
                .map(|profile| own.is_empty() || own.contains(profile))
                .collect(),
            scopes: ScopeLevel::ALL
                .into_iter()
                .filter(|scope| scopes.is_empty() || scopes.contains(scope))
                .collect(),
            circumstances: Circumstance::all().filter(is_among).collect(),
            is_about_callers: !(own.is_empty()
                && scopes.is_empty()
                && accounts.is_empty()
                && credentials.is_empty()),
            paths: Map::default(),
        };
        selected.add_beneath(beneath, policy);
        selected.add_named(endpoints, policy);
        selected
    }

    fn add_named(&mut self, templates: &[Template], policy: &Policy) {
        if templates.is_empty() {
            return;
        }
        let named: Set<Template> = templates.iter().flat_map(Template::expand).collect();
        for ((number, entry), is_selected) in (0..).zip(policy.endpoints()).zip(&mut self.endpoints)
        {
            if named.contains(entry.template()) {
                *is_selected = true;
                self.paths.swap_remove(&number);
            }
        }
    }

    /// Adds the endpoints that serve a path that goes on from a path of one of
    /// these templates.
    fn add_beneath(&mut self, templates: &[Template], policy: &Policy) {
        let templates: Vec<Template> = templates.iter().flat_map(Template::expand).collect();
        let above: Vec<(&Template, Shape<'_>)> = templates
            .iter()
            .map(|template| (template, Shape::of(template)))
            .collect();
        if above.is_empty() {
            return;
        }
        let filler = filler(&[policy]);
        for ((number, entry), is_selected) in (0..).zip(policy.endpoints()).zip(&mut self.endpoints)
        {
            let template = entry.template();
            let shape = Shape::of(template);
            let beneath = above
                .iter()
                .filter(|(_, above)| shape.may_go_on_from(above));
            for (above, _) in beneath {
                if begins_with(template, above) {
                    *is_selected = true;
                    self.paths.swap_remove(&number);
                    break;
                }
                let path = path_beneath(template, above, &filler);
                let path = format!("{}{path}", policy.base_path());
                let catalogue = policy.catalogue();
                let (found, _) = catalogue.find_in_any(None, path.as_bytes());
                if found.entry() == Some(number) {
                    *is_selected = true;
                    self.paths.insert(number, path);
                }
            }
        }
    }

    /// Whether it has a method of an endpoint.
    pub(super) fn has(&self, endpoint: u32, method: Method) -> bool {
        self.methods & method.bit() != 0 && self.endpoints.get(endpoint as usize) == Some(&true)
    }

    pub(super) fn has_profile(&self, profile: usize) -> bool {
        self.profiles.get(profile) == Some(&true)
    }

    pub(super) fn has_scope(&self, scope: ScopeLevel) -> bool {
        self.scopes.contains(&scope)
    }

    /// The whole path of a request to an endpoint, if its sample path is not
    /// selected itself.
    pub(super) fn path(&self, endpoint: u32) -> Option<&str> {
        self.paths.get(&endpoint).map(String::as_str)
    }
}

/// The word of suites for the credential of a circumstance.
fn word(circumstance: Circumstance) -> String {
    let legacy = match circumstance.key() {
        KeyKind::Scoped => "",
        KeyKind::Legacy => "legacy_",
    };
    let presentation: Presentation = circumstance.presentation();
    format!("{legacy}{}", presentation.as_str())
}

/// Whether a template has all segments of another one first, whatever the
/// parameters are called, and more.
fn begins_with(template: &Template, above: &Template) -> bool {
    let (own, begin) = (template.segments(), above.segments());
    own.len() > begin.len()
        && own
            .iter()
            .zip(begin)
            .all(|(own, begin)| match (own, begin) {
                (Segment::Literal(own), Segment::Literal(begin)) => own == begin,
                (Segment::Parameter(own), Segment::Parameter(begin)) => {
                    (own.kind(), own.is_tail(), own.before(), own.behind())
                        == (
                            begin.kind(),
                            begin.is_tail(),
                            begin.before(),
                            begin.behind(),
                        )
                }
                (Segment::Literal(_) | Segment::Parameter(_) | Segment::Alternation(_), _) => false,
            })
}

/// A path of a template that goes on from a path of another one.
fn path_beneath(template: &Template, above: &Template, filler: &str) -> String {
    let mut begin = above.segments().iter().peekable();
    let mut path = String::new();
    let mut add = |text: &str| {
        path.push('/');
        path.push_str(text);
    };
    for segment in template.segments() {
        match segment {
            Segment::Literal(literal) => {
                begin.next();
                add(literal);
            }
            Segment::Parameter(own) if own.is_tail() => {
                // The tail takes what is left of the beginning, and one more.
                for literal in begin.by_ref() {
                    add(&value(literal, filler));
                }
                add(filler);
            }
            Segment::Parameter(own) => match begin.next() {
                Some(literal) if !own.is_affixed() => add(&value(literal, filler)),
                Some(Segment::Literal(literal)) => add(literal),
                Some(_) | None => add(&format!("{}{filler}{}", own.before(), own.behind())),
            },
            // INVARIANT: alternations were expanded.
            Segment::Alternation(_) => {}
        }
    }
    if template.has_final_slash() {
        path.push('/');
    }
    path
}

/// A text that a segment takes.
fn value(segment: &Segment, filler: &str) -> String {
    match segment {
        Segment::Literal(literal) => literal.to_string(),
        Segment::Parameter(own) => format!("{}{filler}{}", own.before(), own.behind()),
        Segment::Alternation(_) => filler.to_string(),
    }
}
