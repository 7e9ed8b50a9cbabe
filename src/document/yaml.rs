//! From bytes to a tree of nodes, and where each node is in the text.

pub(crate) mod characters;
mod early;
pub(crate) mod locate;
pub(crate) mod node;
pub(crate) mod paths;
pub(crate) mod scan;
pub(crate) mod tree;
