//! Lints of invariants.

use alloc::format;
use alloc::vec::Vec;

use crate::audit::invariants::Invariants;
use crate::audit::lint::codes::IDLE_INVARIANT;
use crate::audit::lint::finding::Lint;
use crate::audit::matrix::Matrix;

/// Invariants that are about no request.
pub(super) fn idle(matrix: &Matrix, lints: &mut Vec<Lint>) {
    let checked = Invariants::in_matrix(matrix);
    let idle = checked.all().iter().filter(|checked| !checked.concerns_any);
    for checked in idle {
        let text = format!(
            "`{}` is about no request of this policy; correct what it names, or allow it if it is about what may be added later",
            checked.name
        );
        lints.push(Lint::new(IDLE_INVARIANT, checked.place.clone(), text));
    }
}
