//! Random templates that may stand in one catalogue.
//!
//! Templates overlap only where one is more specific in every segment: beside a
//! parameter, whatever lies beneath a literal has literals only. No two
//! literals differ only in `-` and `_`.

use std::collections::BTreeSet;

use super::dice::Dice;

/// One segment of a template.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Piece {
    Literal(String),
    Parameter(String),
    Alternation(Vec<String>),
}

/// Among them what the engine itself might pick as a value for a parameter.
const WORDS: [&str; 10] = [
    "any",
    "cases",
    "data-sets",
    "incidents",
    "own",
    "tenants",
    "s",
    "x_y",
    "0",
    "any1",
];

/// So many templates, all of which may stand together.
pub fn templates(dice: &mut Dice, count: usize) -> Vec<Vec<Piece>> {
    let mut found = Vec::new();
    for number in 0.. {
        let top = WORDS
            .get(number)
            .map_or_else(|| format!("r{number}"), ToString::to_string);
        grow(dice, vec![Piece::Literal(top)], true, &mut found);
        if found.len() >= count {
            break;
        }
    }
    found.truncate(count);
    found
}

/// Lets a template branch. `wild` allows parameters beneath.
fn grow(dice: &mut Dice, here: Vec<Piece>, wild: bool, found: &mut Vec<Vec<Piece>>) {
    if here.len() >= 4 {
        found.push(here);
        return;
    }
    if here.len() == 1 && dice.chance(60) || here.len() > 1 {
        found.push(here.clone());
    }
    let deeper = |piece: Piece| {
        let mut longer = here.clone();
        longer.push(piece);
        longer
    };
    let parameter = wild && dice.chance(50);
    let mut used = BTreeSet::new();
    for _ in 0..dice.below(3) {
        let word = dice.one(&WORDS);
        if used.insert(word) {
            grow(
                dice,
                deeper(Piece::Literal(word.to_string())),
                wild && !parameter,
                found,
            );
        }
    }
    if dice.chance(20) {
        let words: Vec<String> = WORDS
            .iter()
            .filter(|word| !used.contains(*word))
            .take(3)
            .map(ToString::to_string)
            .collect();
        found.push(deeper(Piece::Alternation(words)));
    }
    if parameter {
        // Some catalogues name the same place differently.
        let name = format!("{}{}", dice.one(&["id", "scope", "index"]), here.len());
        grow(dice, deeper(Piece::Parameter(name)), wild, found);
    }
}

/// The templates without alternations that one stands for, in the order of its
/// alternatives.
pub fn expand(pieces: &[Piece]) -> Vec<Vec<Piece>> {
    let mut all = vec![Vec::new()];
    for piece in pieces {
        let choices = match piece {
            Piece::Alternation(words) => words.iter().cloned().map(Piece::Literal).collect(),
            Piece::Literal(_) | Piece::Parameter(_) => vec![piece.clone()],
        };
        all = all
            .iter()
            .flat_map(|before: &Vec<Piece>| {
                choices.iter().map(|choice| {
                    let mut longer = before.clone();
                    longer.push(choice.clone());
                    longer
                })
            })
            .collect();
    }
    all
}

/// Whether some path matches both, as far as the shorter one goes.
pub fn agree(one: &[Piece], other: &[Piece]) -> bool {
    one.iter().zip(other).all(|pair| match pair {
        (Piece::Literal(one), Piece::Literal(other)) => one == other,
        _ => true,
    })
}

/// Whether a restricted template ends in a literal that one template has and the
/// other one reads as a value, on every path that both match: such a value is
/// refused.
pub fn is_in_the_way(restricted: &[Piece], above: &[Piece], beneath: &[Piece]) -> bool {
    let Some((last, before)) = restricted.split_last() else {
        return false;
    };
    let at = before.len();
    let covers = |(own, (above, beneath)): (&Piece, (&Piece, &Piece))| {
        matches!(own, Piece::Parameter(_)) || own == above || own == beneath
    };
    above.get(at) == Some(last)
        && matches!(last, Piece::Literal(_))
        && matches!(beneath.get(at), Some(Piece::Parameter(_)))
        && before.iter().zip(above.iter().zip(beneath)).all(covers)
}

/// The template as it is written.
pub fn written(pieces: &[Piece]) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Literal(word) => format!("/{word}"),
        Piece::Parameter(name) => format!("/{{{name}}}"),
        Piece::Alternation(words) => format!("/[{}]", words.join("|")),
    };
    pieces.iter().map(piece).collect()
}
