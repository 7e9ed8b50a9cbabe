//! Maps and sets with a stable order, and the hash they use.
//!
//! Iteration is in order of insertion, never in order of hashes, so that
//! reports are always the same. The stored keys come from documents and from
//! the host. Text of a request is looked up, never stored.

use foldhash::quality::FixedState;
use indexmap::{IndexMap, IndexSet};

/// The hash of every map in the crate.
pub(crate) type Hasher = FixedState;
/// A map that keeps the order of insertion.
pub(crate) type Map<K, V> = IndexMap<K, V, Hasher>;
/// A set that keeps the order of insertion.
pub(crate) type Set<T> = IndexSet<T, Hasher>;
