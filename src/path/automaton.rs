//! Which templates a path fits, settled when a policy is loaded.
//!
//! The templates of a catalogue form a tree, one level per segment. A path may
//! follow several branches of it at once: `/a/b` fits `/a/{x}` and `/{y}/b`.
//! The automaton has a state for each set of branches that a path can follow,
//! so that a request walks from state to state, once, without a way back. What
//! a path that ends in a state resolves to is worked out for the state.
//!
//! - [`tree`]: the templates as a tree;
//! - [`shape`]: how two templates compare: more specific, overlapping;
//! - [`reading`]: what one segment may be read as;
//! - [`terms`]: whether two endpoints say the same;
//! - `branch`: one branch of the tree that a path follows;
//! - `split`: states whose literals are those of another state, but for a few;
//! - [`states`]: the sets of branches, and where each segment leads;
//! - `reading_classes`: in which ways one segment can be read;
//! - [`ends`]: what a path resolves to that ends in a state;
//! - [`pairs`]: which templates match a common path.

mod branch;
pub(crate) mod ends;
pub(crate) mod pairs;
pub(crate) mod reading;
mod reading_classes;
pub(crate) mod shape;
mod split;
pub(crate) mod states;
pub(crate) mod terms;
pub(crate) mod tree;

/// The number that means "none".
pub(crate) const NONE: u32 = u32::MAX;
