//! The two sides of a difference.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use portcullis::audit::Diff;
use portcullis::{Policy, Release};

use crate::exit::Failure;
use crate::load::documents::{PolicyFile, policy_file};
use crate::load::selection::release;
use crate::text::file_name;

/// The two sides: two policies, or two releases of one, or both.
#[derive(Debug, Args)]
pub(crate) struct Sides {
    /// The policies to compare, the old one first; none compares two releases
    /// of one policy
    #[arg(value_name = "POLICY", num_args = 0..=2)]
    files: Vec<PathBuf>,
    /// The release of the first side
    #[arg(
        long,
        value_name = "RELEASE",
        requires = "to",
        conflicts_with = "releases"
    )]
    from: Option<String>,
    /// The release of the second side
    #[arg(long, value_name = "RELEASE", requires = "from")]
    to: Option<String>,
    /// Compare only this release of both policies; may be given several times
    #[arg(long = "release", value_name = "RELEASE")]
    releases: Vec<String>,
    #[command(flatten)]
    policy: PolicyFile,
}

/// The difference, and the names of its sides.
#[derive(Debug)]
pub(crate) struct Compared {
    pub(crate) diff: Diff,
    pub(crate) names: [String; 2],
}

impl Sides {
    /// Reads and compares the sides. With directories of their own the sides may
    /// have the same policy and the same releases.
    ///
    /// # Errors
    ///
    /// [`Failure`] if a policy cannot be read, or if there is nothing to compare.
    pub(crate) fn compare(&self, has_directories: bool) -> Result<Compared, Failure> {
        let (before, after) = self.policies(has_directories)?;
        match (&self.from, &self.to) {
            (Some(from), Some(to)) => {
                let from = release("--from", from, &before)?;
                let to = release("--to", to, &after)?;
                let diff = Diff::of_releases(&before, from, &after, to);
                let diff = diff.map_err(|error| Failure::Usage(error.to_string()))?;
                let names = match self.files.as_slice() {
                    [first, second] => [
                        format!("{} {from}", file_name(first)),
                        format!("{} {to}", file_name(second)),
                    ],
                    _ => [from.to_string(), to.to_string()],
                };
                Ok(Compared { diff, names })
            }
            _ => self.release_by_release(&before, &after),
        }
    }

    /// The file of the second policy, if it is not the embedded one.
    pub(crate) fn second_file(&self) -> Option<&Path> {
        match self.files.as_slice() {
            [_, second, ..] => Some(second),
            _ => self.policy.file(),
        }
    }

    fn policies(&self, has_directories: bool) -> Result<(Arc<Policy>, Arc<Policy>), Failure> {
        let usage = |text: &str| Err(Failure::Usage(text.to_owned()));
        match (self.files.as_slice(), &self.from) {
            ([], None) if !has_directories => {
                usage("there is nothing to compare; give two policies, or --from and --to")
            }
            ([], _) => {
                let policy = Arc::new(self.policy.read()?);
                Ok((policy.clone(), policy))
            }
            ([_], _) => usage(
                "one policy is not enough; give a second one, or --policy with --from and --to",
            ),
            ([first, second, ..], _) if self.policy.is_embedded() => Ok((
                Arc::new(policy_file(first)?),
                Arc::new(policy_file(second)?),
            )),
            ([_, _, ..], _) => {
                usage("--policy is a third policy beside the two to compare; drop it")
            }
        }
    }

    /// Compares every release of both sides, or those that are named.
    fn release_by_release(
        &self,
        before: &Arc<Policy>,
        after: &Arc<Policy>,
    ) -> Result<Compared, Failure> {
        let mut named = Vec::new();
        for typed in &self.releases {
            release("--release", typed, before)?;
            named.push(release("--release", typed, after)?);
        }
        let pairs: Vec<(Release, Release)> = named.iter().map(|own| (*own, *own)).collect();
        let diff = if pairs.is_empty() {
            Diff::of_policies(before, after)
        } else {
            Diff::of_pairs(before, after, &pairs)
                .map_err(|error| Failure::Usage(error.to_string()))?
        };
        let name = |at: usize| {
            self.files
                .get(at)
                .map_or_else(String::new, |file| file_name(file))
        };
        Ok(Compared {
            diff,
            names: [name(0), name(1)],
        })
    }
}
