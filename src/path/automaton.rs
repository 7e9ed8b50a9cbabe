//! The automaton that matches paths with templates. It is made when a policy is
//! loaded.
//!
//! The templates of a catalogue form a tree, one level per segment. A path may
//! follow several branches at once: `/a/b` matches `/a/{x}` and `/{y}/b`. The
//! automaton has a state for each set of branches that a path can follow. So a
//! request walks from state to state and never goes back. For each state it is
//! worked out what a path resolves to that ends there.
//!
//! - [`tree`]: the templates as a tree;
//! - [`shape`]: whether a template is more specific than another, or overlaps
//!   it;
//! - [`reading`]: what one segment can be read as;
//! - [`terms`]: whether two endpoints say the same;
//! - `branch`: one branch of the tree that a path follows;
//! - `split`: states that share most literals with another state;
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
