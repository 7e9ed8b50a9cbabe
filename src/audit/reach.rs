//! What each key of a directory reaches in one deployment.

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::audit::axes::Axes;
use crate::audit::cell::Circumstances;
use crate::audit::holder::KeyHolder;
use crate::audit::matrix::Matrix;
use crate::audit::ways::Ways;
use crate::directory::Directory;
use crate::engine::Engine;
use crate::id::KeyId;
use crate::time::UnixSeconds;
use crate::util::hash::Map;

/// How many endpoints each key of a directory may call at an instant, however it
/// is presented and whichever tenant of the owner's scope is named.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reach {
    all: usize,
    keys: Map<KeyId, usize>,
}

impl Reach {
    /// The reach of every key in the deployment of an engine.
    pub fn of(directory: &Directory, engine: &Engine, now: UnixSeconds) -> Self {
        let policy = engine.policy();
        let deployment = engine.deployment();
        let axes = Arc::new(Axes::of(&[policy]));
        let matrix = Matrix::build(policy, &[deployment.release()], &axes);
        let mut sheets = matrix.sheets().iter();
        let sheet = sheets.find(|sheet| sheet.deployment() == deployment);
        let holders = KeyHolder::all(directory, engine, now);
        let count = |holder: &KeyHolder| {
            let (Some(sheet), Some(profile)) = (sheet, holder.profile_on(&axes)) else {
                return 0;
            };
            let rows = axes.rows().iter().enumerate();
            let reached = rows.filter(|(place, row)| {
                let own = match holder.refused {
                    None => holder.circumstances_on(row, policy, directory),
                    Some(_) => Circumstances::NONE,
                };
                Ways::of(sheet, *place, Some((profile, holder.scope)), own).reaches()
            });
            reached.count()
        };
        let counted: Vec<(KeyId, usize)> = holders
            .iter()
            .map(|holder| (holder.key.clone(), count(holder)))
            .collect();
        Self {
            all: axes.rows().len(),
            keys: counted.into_iter().collect(),
        }
    }

    /// How many endpoints a key may call; 0 for one that the directory does not
    /// have.
    pub fn endpoints(&self, key: &KeyId) -> usize {
        self.keys.get(key).copied().unwrap_or_default()
    }

    /// How many endpoints there are.
    pub fn all(&self) -> usize {
        self.all
    }
}
