//! Path templates as the importer makes them.

use std::fmt;

/// A segment of a template.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Piece {
    /// These bytes.
    Literal(String),
    /// Any one segment with these fixed parts.
    Parameter {
        before: String,
        name: String,
        behind: String,
    },
    /// One segment or more.
    Tail(String),
}

impl Piece {
    pub(super) fn plain(name: &str) -> Self {
        Self::Parameter {
            before: String::new(),
            name: name.to_owned(),
            behind: String::new(),
        }
    }

    /// The name of the parameter or the tail.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::Literal(_) => None,
            Self::Parameter { name, .. } | Self::Tail(name) => Some(name),
        }
    }

    pub(super) fn name_mut(&mut self) -> Option<&mut String> {
        match self {
            Self::Literal(_) => None,
            Self::Parameter { name, .. } | Self::Tail(name) => Some(name),
        }
    }
}

impl fmt::Display for Piece {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(text) => formatter.write_str(text),
            Self::Parameter {
                before,
                name,
                behind,
            } => write!(formatter, "{before}{{{name}}}{behind}"),
            Self::Tail(name) => write!(formatter, "{{{name}...}}"),
        }
    }
}

/// A path template.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Template {
    pub(crate) pieces: Vec<Piece>,
    /// Whether it ends in `/`.
    pub(crate) slash: bool,
}

impl fmt::Display for Template {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in &self.pieces {
            write!(formatter, "/{piece}")?;
        }
        if self.slash || self.pieces.is_empty() {
            formatter.write_str("/")?;
        }
        Ok(())
    }
}

impl Template {
    /// The template without the names of its parameters.
    pub(crate) fn shape(&self) -> String {
        let mut template = self.clone();
        for name in template.pieces.iter_mut().filter_map(Piece::name_mut) {
            name.clear();
        }
        template.to_string()
    }

    /// The names of its parameters.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(Piece::name)
    }

    /// The template below a base path.
    pub(super) fn under(&self, base: &Self) -> Self {
        let mut pieces = base.pieces.clone();
        pieces.extend(self.pieces.iter().cloned());
        Self {
            pieces,
            // `/` below a base path is the base path with a final `/`.
            slash: self.slash || (self.pieces.is_empty() && !base.pieces.is_empty()),
        }
    }
}
/// Reads a template as a policy spells it, to compare it with one from a
/// document.
pub(crate) fn parse(text: &str) -> Template {
    let (body, slash) = match text.strip_suffix('/') {
        Some(body) => (body, !body.is_empty()),
        None => (text, false),
    };
    let segments = body.strip_prefix('/').unwrap_or(body).split('/');
    let pieces = segments
        .filter(|segment| !segment.is_empty())
        .map(|segment| {
            let parts = segment.split_once('{').and_then(|(before, rest)| {
                rest.split_once('}')
                    .map(|(name, behind)| (before, name, behind))
            });
            let Some((before, name, behind)) = parts else {
                return Piece::Literal(segment.to_owned());
            };
            // The kind of the parameter does not matter here.
            let (name, tail) = match name.strip_suffix("...") {
                Some(name) => (name, true),
                None => (name, false),
            };
            let name = name.strip_suffix(":text").unwrap_or(name).to_owned();
            if tail {
                return Piece::Tail(name);
            }
            Piece::Parameter {
                before: before.to_owned(),
                name,
                behind: behind.to_owned(),
            }
        });
    Template {
        pieces: pieces.collect(),
        slash,
    }
}
