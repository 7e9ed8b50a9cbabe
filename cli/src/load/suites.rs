//! Finds suites, and the policy and directory that belong to them.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use portcullis::policy::EMBEDDED_SUITES;

use crate::exit::Failure;
use crate::load::documents::{self, Documents};
use crate::text::{Text, file_name};

/// The names of the files next to suites.
pub(crate) const POLICY: &str = "policy.yaml";
pub(crate) const DIRECTORY: &str = "directory.yaml";
/// The folder of suites that `init` writes.
pub(crate) const SUITES: &str = "suites";
/// The ending of the name of a suite.
const SUITE: &str = ".suite.yaml";
/// How deep folders are searched.
const MOST_LEVELS: usize = 32;

/// The documents against which suites run.
#[derive(Debug)]
pub(crate) struct Inputs {
    pub(crate) documents: Documents,
    /// Whether there is a directory: the embedded one belongs to the embedded
    /// policy only.
    pub(crate) has_directory: bool,
}

/// Finds the policy and the directory: the given ones, otherwise those next to
/// the suites, otherwise the embedded ones.
pub(crate) fn inputs(paths: &[PathBuf], given: &Documents) -> Result<Inputs, Failure> {
    let policy = match given.policy_file() {
        Some(file) => Some(file.to_owned()),
        None => beside_all(paths)?,
    };
    let beside = policy
        .as_deref()
        .map(|policy| policy.with_file_name(DIRECTORY));
    let directory = match given.directory_file() {
        Some(file) => Some(file.to_owned()),
        None => beside.map(present).transpose()?.flatten(),
    };
    let has_directory = directory.is_some() || policy.is_none();
    Ok(Inputs {
        documents: Documents::of(policy, directory),
        has_directory,
    })
}

/// The policy next to the suites, if there is one.
///
/// # Errors
///
/// [`Failure::Usage`] if different suites have different policies.
fn beside_all(paths: &[PathBuf]) -> Result<Option<PathBuf>, Failure> {
    let found: Result<Vec<Option<PathBuf>>, Failure> =
        paths.iter().map(|path| beside(path)).collect();
    let mut found = found?;
    found.dedup();
    match found.as_slice() {
        [] => Ok(None),
        [one] => Ok(one.clone()),
        [first, second, ..] => {
            let name = |file: &Option<PathBuf>| {
                file.as_ref().map_or_else(
                    || "the embedded one".to_owned(),
                    |file| format!("`{}`", file_name(file)),
                )
            };
            Err(Failure::Usage(format!(
                "the suites belong to different policies, {} and {}; give one with --policy",
                name(first),
                name(second)
            )))
        }
    }
}

/// The policy in the folder of a suite, or in the folder above if its own is
/// called `suites`, as after `init`.
fn beside(path: &Path) -> Result<Option<PathBuf>, Failure> {
    let folder = if path.is_dir() { path } else { folder_of(path) };
    if let Some(policy) = present(inside(folder, POLICY))? {
        return Ok(Some(policy));
    }
    // A folder such as `.` does not contain its own name.
    let whole = folder.canonicalize().ok();
    let name = whole.as_deref().and_then(Path::file_name);
    if name != Some(OsStr::new(SUITES)) {
        return Ok(None);
    }
    let above = match folder.file_name() {
        Some(_) => inside(folder_of(folder), POLICY),
        None => folder.join("..").join(POLICY),
    };
    present(above)
}

/// The documents for a path of `check`: the policy and the directory in a
/// folder, a directory with the policy next to it, or a policy.
///
/// # Errors
///
/// [`Failure::Usage`] for a folder without a policy, and for a suite.
pub(crate) fn documents_at(path: &Path) -> Result<Documents, Failure> {
    let name = file_name(path);
    if path.is_dir() {
        let policy = present(inside(path, POLICY))?;
        if policy.is_none() {
            return Err(Failure::Usage(format!(
                "`{name}` has no `{POLICY}`; name the file of the policy"
            )));
        }
        return Ok(Documents::of(policy, present(inside(path, DIRECTORY))?));
    }
    let file = path.file_name().unwrap_or_default();
    if is_suite(file) || is_nearly_suite(file) {
        return Err(Failure::Usage(format!(
            "`{name}` is a suite; `portcullis test {name}` reads and runs it"
        )));
    }
    if file == OsStr::new(DIRECTORY) {
        let policy = present(path.with_file_name(POLICY))?;
        return Ok(Documents::of(policy, Some(path.to_owned())));
    }
    Ok(Documents::of(Some(path.to_owned()), None))
}

/// A file, if there is one of this name. If it is not a regular file, it is
/// refused: if it were ignored, the suites would run against another policy.
fn present(file: PathBuf) -> Result<Option<PathBuf>, Failure> {
    match file.symlink_metadata() {
        Ok(_) => regular(&file).map(|()| Some(file)),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(Failure::Input {
            name: format!("`{}`", file_name(&file)),
            error,
        }),
    }
}

/// Whether neither the file nor its folder exists.
fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// A file in a folder, without `./` before it.
fn inside(folder: &Path, name: impl AsRef<Path>) -> PathBuf {
    if folder == Path::new(".") {
        PathBuf::from(name.as_ref())
    } else {
        folder.join(name)
    }
}

/// The folder of a file.
fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    }
}

/// Every suite with its name, in the order of the paths and then of the names.
pub(crate) fn suites(paths: &[PathBuf], inputs: &Inputs) -> Result<Vec<(String, Text)>, Failure> {
    let mut files = Vec::new();
    match (paths, inputs.documents.policy_file()) {
        ([], None) => {
            let embedded = EMBEDDED_SUITES.iter();
            return Ok(embedded
                .map(|(name, text)| (format!("embedded {name}"), text.as_bytes().into()))
                .collect());
        }
        ([], Some(policy)) => search(folder_of(policy), 0, &mut files)?,
        (paths, _) => {
            for path in paths {
                if path.is_dir() {
                    search(path, 0, &mut files)?;
                } else {
                    files.push(path.clone());
                }
            }
        }
    }
    let read = |file: PathBuf| {
        let name = file_name(&file);
        let text = documents::read(&file, &name)?;
        Ok((name, text))
    };
    files.into_iter().map(read).collect()
}

/// Searches a folder and those below it. Links to files are followed; links to
/// folders are not, since they can form a circle.
///
/// A suite that is not a regular file is refused: opening a pipe without a
/// writer would wait for ever. A file that is named on the command line may be a
/// pipe.
fn search(folder: &Path, level: usize, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let failed = |error: io::Error| Failure::Input {
        name: format!("`{}`", file_name(folder)),
        error,
    };
    let mut listed = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        listed.push((entry.file_name(), entry.file_type().map_err(failed)?));
    }
    listed.sort_by(|(left, _), (right, _)| left.cmp(right));
    for (name, kind) in listed {
        let path = inside(folder, &name);
        if kind.is_dir() {
            if level < MOST_LEVELS {
                search(&path, level + 1, files)?;
            }
        } else if is_suite(&name) {
            regular(&path)?;
            files.push(path);
        } else if is_nearly_suite(&name) {
            let name = file_name(&path);
            return Err(Failure::Usage(format!(
                "`{name}` would never run: the name of a suite ends in `{SUITE}`; rename it"
            )));
        }
    }
    Ok(())
}

/// Refuses anything but a regular file or a link to one.
fn regular(file: &Path) -> Result<(), Failure> {
    let error = match file.metadata() {
        Ok(about) if about.is_file() => return Ok(()),
        Ok(_) => io::Error::other(
            "not a regular file; move it elsewhere, or name it on the command line",
        ),
        Err(error) => error,
    };
    Err(Failure::Input {
        name: format!("`{}`", file_name(file)),
        error,
    })
}

fn is_suite(name: &OsStr) -> bool {
    name.as_encoded_bytes().ends_with(SUITE.as_bytes())
}

/// Whether a file that is not a suite is named like one, in another spelling.
fn is_nearly_suite(name: &OsStr) -> bool {
    let name = name.to_string_lossy().to_ascii_lowercase();
    let endings = [".suite.yaml", ".suite.yml", ".suites.yaml", ".suites.yml"];
    endings.iter().any(|ending| name.ends_with(ending))
}
