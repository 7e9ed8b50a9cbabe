//! Random languages of templates: small catalogues whose templates cross,
//! overlap and look alike, and paths near them.
//!
//! Literals come from a tiny alphabet, so that collisions are common. Most of
//! these policies must be refused; a test says which.

use std::collections::BTreeSet;

use super::dice::Dice;

/// Literals that continue, fold into and shadow each other.
const LITERALS: [&str; 14] = [
    "a", "b", "c", "A", "ab", "a-b", "a_b", "a.b", "a.json", "a:run", "b.json", "v1", "@b",
    "a.b.json",
];
const BEFORE: [&str; 5] = ["v", "@", "a", "a:", "ab"];
const BEHIND: [&str; 7] = [".json", ":run", ".b", "b", ".b.json", ".JSON", "-b"];

/// One endpoint of a language.
#[derive(Clone, Debug)]
pub struct Line {
    /// The template, under the base path.
    pub path: String,
    /// Lines of one number have the same methods and privileges.
    pub rule: usize,
    /// Whether the tenant is named by the first plain parameter.
    pub tenant_in_path: bool,
    /// By release: whether it is restricted.
    pub restricted: [bool; 2],
}

/// A random language.
#[derive(Clone, Debug)]
pub struct Language {
    pub base_path: Option<&'static str>,
    pub lines: Vec<Line>,
}

/// The releases of a language; in the second other endpoints are restricted.
pub const RELEASES: [&str; 2] = ["1.0", "1.1"];

impl Language {
    /// The language of a seed.
    pub fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed ^ 0x1a29);
        let mut lines: Vec<Line> = Vec::new();
        let count = 2 + dice.below(5);
        let (same, often) = (dice.below(100), dice.below(60));
        for number in 0..count {
            let path = match dice.below(100) {
                0..20 if !lines.is_empty() => {
                    let other = dice.below(lines.len());
                    crossing(&mut dice, &lines[other].path)
                }
                20..70 if !lines.is_empty() => {
                    let other = dice.below(lines.len());
                    near(&mut dice, &lines[other].path)
                }
                _ => template(&mut dice),
            };
            if lines.iter().any(|line| line.path == path) {
                continue;
            }
            let restricted = [dice.chance(often), dice.chance(often / 2)];
            lines.push(Line {
                tenant_in_path: dice.chance(10) && plain_parameter(&path).is_some(),
                path,
                rule: if dice.chance(same) { 0 } else { 1 + number },
                restricted,
            });
        }
        let base_path = dice.one(&[None, None, Some("/"), Some("/api"), Some("/api/v1.0")]);
        Self { base_path, lines }
    }

    /// The document, with what `open_beneath` names in each release.
    pub fn yaml(&self, open_beneath: &[BTreeSet<String>; 2]) -> String {
        let mut text = String::from("version: 1\n");
        if let Some(base_path) = self.base_path {
            text += &format!("base_path: {base_path}\n");
        }
        let privileges: Vec<String> = (0..9).map(|number| format!("p.p{number}")).collect();
        text += &format!("privileges: [{}]\n", privileges.join(", "));
        text += "profiles: { super_admin: { builtin: true, all: true } }\nendpoints:\n";
        for line in &self.lines {
            let naming = plain_parameter(&line.path)
                .filter(|_| line.tenant_in_path)
                .map_or(String::new(), |name| {
                    format!(", tenant_parameter: {{ path: {name} }}")
                });
            text += &format!(
                "  - {{ path: \"{}\", methods: {{ GET: p.p{} }}{naming} }}\n",
                line.path, line.rule
            );
        }
        text += "releases:\n";
        for (number, release) in RELEASES.iter().enumerate() {
            let restricted = self.lines.iter().filter(|line| line.restricted[number]);
            text += &format!(
                "  \"{release}\": {{ access: scoped, restricted: [{}], open_beneath: [{}] }}\n",
                list(restricted.map(|line| &line.path[..])),
                list(open_beneath[number].iter().map(String::as_str)),
            );
        }
        text
    }

    /// Paths of this language and near it.
    pub fn paths(&self, seed: u64, count: usize) -> Vec<String> {
        let mut dice = Dice::new(seed ^ 0x9a7);
        let base = self.base_path.unwrap_or_default().trim_end_matches('/');
        (0..count)
            .map(|_| {
                let at = dice.below(self.lines.len());
                let other = dice.below(self.lines.len());
                let template = &self.lines[at].path;
                let template = if dice.chance(30) {
                    &common(&mut dice, template, &self.lines[other].path)
                } else {
                    template
                };
                let mut path = format!("{base}{}", filled(&mut dice, template));
                for _ in 0..dice.below(3) {
                    path = changed(&mut dice, &path);
                }
                path
            })
            .collect()
    }
}

fn list<'t>(paths: impl Iterator<Item = &'t str>) -> String {
    let quoted: Vec<String> = paths.map(|path| format!("\"{path}\"")).collect();
    quoted.join(", ")
}

/// The first parameter of one plain segment.
fn plain_parameter(path: &str) -> Option<&str> {
    path.split('/').find_map(|segment| {
        let name = segment.strip_prefix('{')?.strip_suffix('}')?;
        (!name.contains([':', '.'])).then_some(name)
    })
}

/// A template of one to four segments.
fn template(dice: &mut Dice) -> String {
    if dice.chance(4) {
        return String::from("/");
    }
    let mut path = String::new();
    let length = 1 + dice.below(4);
    for place in 0..length {
        path.push('/');
        let last = place + 1 == length;
        path += &segment(dice, place, last && !path.contains("...}"));
    }
    // In front of a literal a tail may be as well.
    if path.ends_with("...}") && dice.chance(40) {
        path = format!("{path}/{}", dice.one(&LITERALS));
        if dice.chance(30) {
            path += "/{after}";
        }
    }
    if dice.chance(15) {
        path.push('/');
    }
    path
}

fn segment(dice: &mut Dice, place: usize, tail: bool) -> String {
    match dice.below(100) {
        0..45 => dice.one(&LITERALS).to_owned(),
        45..65 => format!("{{p{place}}}"),
        65..85 => {
            let (before, behind) = match dice.below(5) {
                0 => (dice.one(&BEFORE), ""),
                1 => (dice.one(&BEFORE), dice.one(&BEHIND)),
                _ => ("", dice.one(&BEHIND)),
            };
            format!("{before}{{p{place}}}{behind}")
        }
        85..92 => format!("{{p{place}:text}}"),
        _ if tail && dice.chance(25) => format!("{{p{place}:text...}}"),
        _ if tail => format!("{{p{place}...}}"),
        _ => "b".to_owned(),
    }
}

/// A template with one segment replaced, added or dropped, or another ending.
fn near(dice: &mut Dice, path: &str) -> String {
    let slash = path.ends_with('/');
    let mut segments: Vec<String> = path
        .trim_matches('/')
        .split('/')
        .filter(|one| !one.is_empty())
        .map(str::to_owned)
        .collect();
    let mut slash = slash && !segments.is_empty();
    let has_tail = path.contains("...}");
    match dice.below(10) {
        0 => slash = !slash,
        1 if segments.len() > 1 => drop(segments.pop()),
        2 | 3 if segments.len() < 5 => {
            let added = segment(dice, segments.len() + 10, false);
            let after_tail = segments.last().is_some_and(|last| last.ends_with("...}"));
            segments.push(if after_tail { "c".to_owned() } else { added });
        }
        _ if !segments.is_empty() => {
            let at = dice.below(segments.len());
            let behind_tail = at > 0 && segments[at - 1].ends_with("...}");
            segments[at] = if behind_tail {
                dice.one(&LITERALS).to_owned()
            } else {
                let last = at + 1 == segments.len();
                segment(
                    dice,
                    at + 20,
                    last && (!has_tail || segments[at].ends_with("...}")),
                )
            };
        }
        _ => {}
    }
    let slash = if slash || segments.is_empty() {
        "/"
    } else {
        ""
    };
    let segments: String = segments.iter().map(|one| format!("/{one}")).collect();
    format!("{segments}{slash}")
}

/// A template that may cross another one: where that has a parameter it has a
/// literal, and a parameter in another place.
fn crossing(dice: &mut Dice, path: &str) -> String {
    let mut segments: Vec<String> = path.split('/').map(str::to_owned).collect();
    let places: Vec<usize> = (1..segments.len())
        .filter(|at| !segments[*at].is_empty() && !segments[*at].ends_with("...}"))
        .collect();
    if let [first, .., last] = places[..] {
        for (at, to_literal) in [(first, dice.chance(50)), (last, dice.chance(50))] {
            // A literal shows where a tail ends.
            segments[at] = if to_literal || segments[at - 1].ends_with("...}") {
                dice.one(&LITERALS).to_owned()
            } else {
                let kind = dice.one(&["", "", "", ":text"]);
                let behind = if kind.is_empty() && dice.chance(30) {
                    dice.one(&BEHIND)
                } else {
                    ""
                };
                format!("{{p{}{kind}}}{behind}", at + 30)
            };
        }
    }
    segments.join("/")
}

/// What two templates have in common, as far as that is easy to say: of their
/// segments in each place the one that takes less.
fn common(dice: &mut Dice, one: &str, other: &str) -> String {
    let (one, other): (Vec<&str>, Vec<&str>) =
        (one.split('/').collect(), other.split('/').collect());
    let weight = |segment: &str| match segment.split_once('{') {
        None => 0,
        Some(("", rest)) if rest.ends_with('}') => 2,
        Some(_) => 1,
    };
    let both = one.len().min(other.len());
    let longer = if dice.chance(50) { &one } else { &other };
    let pairs = one.iter().zip(&other);
    let segments = pairs.map(|(one, other)| {
        if weight(one) < weight(other) {
            one
        } else {
            other
        }
    });
    let segments: Vec<&str> = segments
        .copied()
        .chain(longer.iter().skip(both).copied())
        .collect();
    segments.join("/")
}

/// A path of a template.
fn filled(dice: &mut Dice, path: &str) -> String {
    let mut out = String::new();
    for part in path.split_inclusive('}') {
        let Some((before, name)) = part.split_once('{') else {
            out += part;
            continue;
        };
        out += before;
        out += &value(dice);
        if name.ends_with("...}") {
            for _ in 0..dice.below(3) {
                out = format!("{out}/{}", value(dice));
            }
        }
    }
    out
}

fn value(dice: &mut Dice) -> String {
    match dice.below(10) {
        0..5 => dice.one(&LITERALS).to_owned(),
        5 => format!("{}{}", dice.one(&LITERALS), dice.one(&BEHIND)),
        6 => format!("{}{}", dice.one(&BEFORE), dice.one(&LITERALS)),
        _ => dice.one(&["7", "x", "q-1", "x.y", "x@y"]).to_owned(),
    }
}

/// A path changed as hostile ones are.
fn changed(dice: &mut Dice, path: &str) -> String {
    let mut segments: Vec<String> = path.split('/').map(str::to_owned).collect();
    let at = dice.below(segments.len());
    let own = segments[at].clone();
    let place = dice.below(own.len().max(1));
    segments[at] = match dice.below(16) {
        0 => own.to_ascii_uppercase(),
        1 => own.to_ascii_lowercase(),
        2 | 3 if own.is_char_boundary(place) && place < own.len() => {
            format!(
                "{}%{:02X}{}",
                &own[..place],
                own.as_bytes()[place],
                &own[place + 1..]
            )
        }
        4 => format!("{own}{}", dice.one(&BEHIND)),
        5 => format!("{}{own}", dice.one(&BEFORE)),
        6 => own.replace('-', "_"),
        7 => format!(
            "{own}{}",
            dice.one(&[
                ".", "..", "%2E", "%00", "%20", "*", "%", "(", "'", "&", "%2F", ";"
            ])
        ),
        8 => format!(
            "{}{own}",
            dice.one(&[".", "%20", "+", "~", "%40", "*", "-", "%2e"])
        ),
        9 => value(dice),
        10 => format!("{own}/"),
        11 => format!("{own}/{}", value(dice)),
        12 => String::new(),
        13 => own.split(['.', ':']).next().unwrap_or_default().to_owned(),
        14 => format!("{own}{own}"),
        _ => dice.one(&LITERALS).to_owned(),
    };
    let path = segments.join("/");
    if dice.chance(15) {
        return path
            .strip_suffix('/')
            .map_or(format!("{path}/"), str::to_owned);
    }
    path
}
