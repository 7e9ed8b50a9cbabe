//! One branch of the tree that a path follows.

use crate::path::automaton::NONE;

/// One branch that a path follows: a node of the tree, and whether the values
/// before it are accepted.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct Branch(u64);

impl Branch {
    const SHADOW: u64 = 1;
    const VALUE: u64 = 2;

    /// Not a branch of any tree.
    pub(super) const NONE: Self = Self::at(NONE);

    /// The branch at a node, before any value.
    pub(super) const fn at(node: u32) -> Self {
        Self((node as u64) << 32)
    }

    /// The node of the tree.
    pub(crate) const fn node(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// Whether some value before the node is a shadow of a sibling.
    pub(crate) const fn is_shadowed(self) -> bool {
        self.0 & Self::SHADOW != 0
    }

    /// Whether some value before the node is refused, for any reason.
    pub(crate) const fn is_refused(self) -> bool {
        self.0 & (Self::SHADOW | Self::VALUE) != 0
    }

    /// The releases that restrict a literal that was read as a value before the
    /// node. In these releases the branch leads only to restricted templates.
    pub(crate) const fn passed(self) -> u32 {
        ((self.0 >> 2) & 0x3fff_ffff) as u32
    }

    /// The branch that leads on to a node.
    pub(super) const fn to(self, node: u32) -> Self {
        Self(self.0 & 0xffff_ffff | (node as u64) << 32)
    }

    /// The branch behind a value that is a shadow, or refused.
    pub(super) const fn refused(self, shadowed: bool, refused: bool) -> Self {
        let mut bits = self.0;
        if shadowed {
            bits |= Self::SHADOW;
        }
        if refused {
            bits |= Self::VALUE;
        }
        Self(bits)
    }

    /// The branch behind literals that these releases restrict.
    pub(super) const fn past(self, set: u32) -> Self {
        Self(self.0 & !0xffff_fffc | ((set & 0x3fff_ffff) as u64) << 2)
    }
}
