//! From credentials to decisions, sixteen at a time.

use portcullis::Directory;

use crate::parts::{allows, method, times};
use crate::rows::Row;
use crate::world::{NOW, Presented, World};

/// The row of these requests.
#[expect(
    clippy::incompatible_msrv,
    reason = "the promise is for the library; benches are built by the newest toolchain"
)]
pub fn row<'r>(world: &'r World, directory: &'r Directory, presented: &'r [Presented]) -> Row<'r> {
    let (method, times) = (method(), times(presented));
    let (batches, _) = presented.as_chunks::<16>();
    Row::new("in batches of 16", batches, times, 16, move |batch| {
        let credentials = batch.each_ref().map(Presented::credential);
        let principals = directory.principals(&credentials, NOW);
        let requests = principals.zip(batch);
        requests.fold(false, |any, (principal, own)| {
            any | allows(world, directory, &method, &principal, &own.asked)
        })
    })
}
