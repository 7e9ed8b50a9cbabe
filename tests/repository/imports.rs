//! Which file of a crate imports from which, read off the source.
//!
//! Every path counts that begins with `crate`, `self`, `super` or the name of a
//! module that the file declares, in a `use` (with braces and several lines) or
//! in the code. A name that a file only passes on (`pub use`) belongs to the
//! file that it comes from, so a room may re-export what its own files hold.

use std::collections::{BTreeMap, BTreeSet};

/// A module: the names of its path, without `crate`. The root is empty.
pub type Module = Vec<String>;

/// The imports of a crate.
#[derive(Debug, Default)]
pub struct Imports {
    /// The files that each file imports from.
    pub of: BTreeMap<Module, BTreeSet<Module>>,
}

/// What one file says.
#[derive(Debug, Default)]
struct Source {
    /// Paths from the root that it names.
    named: Vec<Vec<String>>,
    /// Names that it passes on, with the path from the root of each.
    passed_on: BTreeMap<String, Vec<String>>,
}

/// The module of a file, such as `engine/rule.rs`.
pub fn module(file: &str) -> Module {
    let mut names: Module = file
        .trim_end_matches(".rs")
        .split('/')
        .map(str::to_string)
        .collect();
    if matches!(
        names.last().map(String::as_str),
        Some("lib" | "mod" | "main")
    ) {
        names.pop();
    }
    names
}

impl Imports {
    /// Reads files, each by its path below `src/` and with its text.
    pub fn read<'t>(files: impl IntoIterator<Item = (&'t str, &'t str)>) -> Self {
        let files: BTreeMap<Module, &str> = files
            .into_iter()
            .map(|(file, text)| (module(file), text))
            .collect();
        let mut for_tests = BTreeSet::new();
        let mut sources = BTreeMap::new();
        for (own, text) in &files {
            let mut reader = Reader {
                own,
                tokens: tokens(text),
                for_tests: &mut for_tests,
                source: Source::default(),
            };
            reader.read();
            sources.insert(own.clone(), reader.source);
        }
        let is_for_tests =
            |module: &Module| (0..=module.len()).any(|end| for_tests.contains(&module[..end]));
        let of = sources
            .iter()
            .filter(|(own, _)| !is_for_tests(own))
            .map(|(own, source)| {
                let mut from: BTreeSet<Module> = source
                    .named
                    .iter()
                    .filter_map(|path| home(&sources, path))
                    .collect();
                from.remove(own);
                (own.clone(), from)
            })
            .collect();
        Self { of }
    }

    /// A circle of files, if there is one: each imports from the next, and the
    /// last from the first.
    pub fn circle(&self) -> Option<Vec<&Module>> {
        let mut done = BTreeSet::new();
        self.of
            .keys()
            .find_map(|file| self.circle_from(file, &mut Vec::new(), &mut done))
    }

    fn circle_from<'i>(
        &'i self,
        file: &'i Module,
        way: &mut Vec<&'i Module>,
        done: &mut BTreeSet<&'i Module>,
    ) -> Option<Vec<&'i Module>> {
        if let Some(start) = way.iter().position(|earlier| *earlier == file) {
            return Some(way[start..].to_vec());
        }
        if done.contains(file) {
            return None;
        }
        way.push(file);
        let from = self.of.get(file).into_iter().flatten();
        let circle = from
            .into_iter()
            .find_map(|next| self.circle_from(next, way, done));
        way.pop();
        done.insert(file);
        circle
    }
}

/// The file that holds what a path names: the deepest module on the path, or
/// the file that its item comes from.
fn home(sources: &BTreeMap<Module, Source>, path: &[String]) -> Option<Module> {
    let mut path = path.to_vec();
    // A chain of files that pass a name on is short.
    for _ in 0..8 {
        let end = (0..=path.len())
            .rev()
            .find(|end| sources.contains_key(&path[..*end]))?;
        let (module, rest) = path.split_at(end);
        let next = rest
            .first()
            .and_then(|name| sources[module].passed_on.get(name));
        match next {
            Some(next) => path = next.iter().chain(&rest[1..]).cloned().collect(),
            None => return Some(module.to_vec()),
        }
    }
    panic!("{path:?}: names are passed on in a circle");
}

/// Reads the tokens of one file.
struct Reader<'r> {
    own: &'r Module,
    tokens: Vec<String>,
    for_tests: &'r mut BTreeSet<Module>,
    source: Source,
}

impl Reader<'_> {
    fn read(&mut self) {
        let mut children = BTreeSet::new();
        // The modules that are written inside this file and open here, each
        // with the depth of its braces.
        let mut inside: Vec<(String, usize)> = Vec::new();
        let mut depth = 0;
        let mut at = 0;
        let mut re_exports: Vec<(String, Vec<String>)> = Vec::new();
        // Names in the code, each the first of its path.
        let mut code = BTreeSet::new();
        while at < self.tokens.len() {
            let here: Module = self
                .own
                .iter()
                .chain(inside.iter().map(|(name, _)| name))
                .cloned()
                .collect();
            match (self.token(at), self.token(at + 1), self.token(at + 2)) {
                ("mod", name, ";") => {
                    let name = name.to_string();
                    if self.follows_cfg_test(at) {
                        self.for_tests.insert([here, vec![name]].concat());
                    } else {
                        children.insert(name);
                    }
                    at += 3;
                }
                ("mod", name, "{") => {
                    let name = name.to_string();
                    if self.follows_cfg_test(at) {
                        at = self.after_braces(at + 2);
                    } else {
                        depth += 1;
                        inside.push((name, depth));
                        at += 3;
                    }
                }
                ("use", _, _) => {
                    let passes_on = at > 0 && matches!(self.token(at - 1), "pub" | ")");
                    let mut leaves = Vec::new();
                    at = self.tree(at + 1, &mut Vec::new(), &mut leaves);
                    for (path, name) in leaves {
                        let Some(path) = from_root(&here, &children, &path) else {
                            continue;
                        };
                        let passes_on = passes_on && name != "*" && inside.is_empty();
                        if passes_on && path.starts_with(self.own) {
                            self.source.passed_on.insert(name.clone(), path.clone());
                            re_exports.push((name, path));
                        } else {
                            if passes_on {
                                self.source.passed_on.insert(name, path.clone());
                            }
                            self.source.named.push(path);
                        }
                    }
                }
                ("{", _, _) => {
                    depth += 1;
                    at += 1;
                }
                ("}", _, _) => {
                    inside.retain(|(_, opened)| *opened < depth);
                    depth -= 1;
                    at += 1;
                }
                (_, "::", _) => {
                    code.insert(self.token(at).to_string());
                    let mut path = vec![self.token(at).to_string()];
                    at += 1;
                    while self.token(at) == "::" && is_name(self.token(at + 1)) {
                        path.push(self.token(at + 1).to_string());
                        at += 2;
                    }
                    if let Some(path) = from_root(&here, &children, &path) {
                        self.source.named.push(path);
                    }
                    if self.token(at) == "::" {
                        at += 1;
                    }
                }
                (name, _, _) => {
                    code.insert(name.to_string());
                    at += 1;
                }
            }
        }
        // What a file passes on and uses as well is an import like any other.
        for (name, path) in re_exports {
            if code.contains(&name) {
                self.source.named.push(path);
            }
        }
    }

    fn token(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", String::as_str)
    }

    /// Whether `#[cfg(test)]` stands before an item and its visibility.
    fn follows_cfg_test(&self, at: usize) -> bool {
        let mark = ["#", "[", "cfg", "(", "test", ")", "]"];
        (0..=4).any(|visibility| {
            let Some(end) = at.checked_sub(visibility) else {
                return false;
            };
            let visible = &self.tokens[end..at];
            let is_visibility = visible.is_empty() || visible[0] == "pub";
            is_visibility && self.tokens[..end].ends_with(&mark.map(str::to_string))
        })
    }

    /// The place after the braces that open at a place.
    fn after_braces(&self, open: usize) -> usize {
        let mut depth = 0;
        for at in open..self.tokens.len() {
            match self.token(at) {
                "{" => depth += 1,
                "}" => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return at + 1;
            }
        }
        self.tokens.len()
    }

    /// Reads the tree of a `use` from a place on: each leaf with its path and
    /// the name under which it is known. Returns the place after it.
    fn tree(
        &self,
        mut at: usize,
        before: &mut Vec<String>,
        leaves: &mut Vec<(Vec<String>, String)>,
    ) -> usize {
        let length = before.len();
        loop {
            match self.token(at) {
                "{" => {
                    at += 1;
                    while !matches!(self.token(at), "}" | "") {
                        at = self.tree(at, before, leaves);
                        if self.token(at) == "," {
                            at += 1;
                        }
                    }
                    at += 1;
                    break;
                }
                "::" => at += 1,
                "*" => {
                    leaves.push((before.clone(), "*".to_string()));
                    at += 1;
                    break;
                }
                name => {
                    // `self` after something names the module itself.
                    if name != "self" || before.is_empty() {
                        before.push(name.to_string());
                    }
                    at += 1;
                    if self.token(at) != "::" {
                        let mut known = before.last().cloned().unwrap_or_default();
                        if self.token(at) == "as" {
                            known = self.token(at + 1).to_string();
                            at += 2;
                        }
                        leaves.push((before.clone(), known));
                        break;
                    }
                }
            }
        }
        before.truncate(length);
        at
    }
}

/// A path from the root, if it names something of this crate.
fn from_root(here: &Module, children: &BTreeSet<String>, path: &[String]) -> Option<Vec<String>> {
    let mut base = here.clone();
    let mut rest = path;
    match path.first().map(String::as_str)? {
        "crate" => {
            base.clear();
            rest = &path[1..];
        }
        "self" => rest = &path[1..],
        "super" => {
            while rest.first().is_some_and(|name| name == "super") {
                base.pop();
                rest = &rest[1..];
            }
        }
        child if children.contains(child) => {}
        _ => return None,
    }
    base.extend(rest.iter().cloned());
    Some(base)
}

fn is_name(token: &str) -> bool {
    token
        .chars()
        .all(|character| character.is_alphanumeric() || character == '_')
        && !token.is_empty()
}

/// The tokens of a text in Rust: names, `::`, and single characters. Comments
/// and literals are left out.
fn tokens(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    let at = |place: usize| characters.get(place).copied().unwrap_or('\0');
    let mut tokens = Vec::new();
    let mut place = 0;
    while place < characters.len() {
        match (at(place), at(place + 1)) {
            ('/', '/') => {
                while place < characters.len() && at(place) != '\n' {
                    place += 1;
                }
            }
            ('/', '*') => {
                while place < characters.len() && (at(place), at(place + 1)) != ('*', '/') {
                    place += 1;
                }
                place += 2;
            }
            ('r', '"' | '#') if at(place + 1) == '"' || matches!(at(place + 2), '"' | '#') => {
                place += 1;
                let mut hashes = 0;
                while at(place) == '#' {
                    hashes += 1;
                    place += 1;
                }
                let end: String = ["\"", &"#".repeat(hashes)].concat();
                let rest: String = characters[place + 1..].iter().collect();
                let inside = rest.find(&end).unwrap_or(rest.len());
                place += 1 + rest[..inside].chars().count() + end.len();
            }
            ('"', _) => {
                place += 1;
                while place < characters.len() && at(place) != '"' {
                    place += if at(place) == '\\' { 2 } else { 1 };
                }
                place += 1;
            }
            ('\'', '\\') => {
                place += 3;
                while place < characters.len() && at(place) != '\'' {
                    place += 1;
                }
                place += 1;
            }
            ('\'', _) if at(place + 2) == '\'' => place += 3,
            (':', ':') => {
                tokens.push("::".to_string());
                place += 2;
            }
            (character, _) if character.is_alphanumeric() || character == '_' => {
                let start = place;
                while at(place).is_alphanumeric() || at(place) == '_' {
                    place += 1;
                }
                tokens.push(characters[start..place].iter().collect());
            }
            (character, _) => {
                if !character.is_whitespace() {
                    tokens.push(character.to_string());
                }
                place += 1;
            }
        }
    }
    tokens
}
