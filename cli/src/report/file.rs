//! Files that reports are written to: whole, or not at all.

#[cfg(unix)]
use std::fs::Permissions;
use std::io::{self, Write};
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

use crate::exit::Failure;
use crate::text::file_name;

/// Writes a file. The bytes go to another file beside it, which gets the name when it
/// is complete, so that no reader ever sees a part.
///
/// # Errors
///
/// [`Failure::Taken`] if the file exists and may not be overwritten, and
/// [`Failure::Written`] if it cannot be written. Then nothing is left behind.
pub(crate) fn write(file: &Path, bytes: &[u8], overwrite: bool) -> Result<(), Failure> {
    let name = || file_name(file);
    let failed = |error: io::Error| Failure::Written {
        name: format!("`{}`", name()),
        error,
    };
    // A dangling link counts as an existing file, too.
    if !overwrite && file.symlink_metadata().is_ok() {
        return Err(Failure::Taken { name: name() });
    }
    let mut written = temporary(above(file)).map_err(failed)?;
    written.write_all(bytes).map_err(failed)?;
    written.flush().map_err(failed)?;
    if overwrite {
        written.persist(file).map_err(|error| failed(error.error))?;
        return Ok(());
    }
    // Another process may have made the file meanwhile.
    match written.persist_noclobber(file) {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
            Err(Failure::Taken { name: name() })
        }
        Err(error) => Err(failed(error.error)),
    }
}

/// A new file in a folder, with the permissions of any other new file.
fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(".portcullis-");
    #[cfg(unix)]
    let readable: Permissions = std::os::unix::fs::PermissionsExt::from_mode(0o666);
    #[cfg(unix)]
    builder.permissions(readable);
    builder.tempfile_in(folder)
}

/// Writes a new folder with some files: all of them, or none.
///
/// # Errors
///
/// [`Failure::Exists`] if there is something of this name, and [`Failure::Written`] if
/// it cannot be written. Then nothing is left behind.
pub(crate) fn write_folder(folder: &Path, files: &[(&str, Vec<u8>)]) -> Result<(), Failure> {
    let name = || file_name(folder);
    let failed = |error: io::Error| Failure::Written {
        name: format!("`{}`", name()),
        error,
    };
    if folder.symlink_metadata().is_ok() {
        return Err(Failure::Exists { name: name() });
    }
    let made = Builder::new()
        .prefix(".portcullis-")
        .tempdir_in(above(folder));
    let made = made.map_err(failed)?;
    for (name, bytes) in files {
        let mut written = temporary(made.path()).map_err(failed)?;
        written.write_all(bytes).map_err(failed)?;
        let target = made.path().join(name);
        written
            .persist(target)
            .map_err(|error| failed(error.error))?;
    }
    // A temporary folder is for its owner only; a pack is for others, too.
    #[cfg(unix)]
    {
        let readable: Permissions = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(made.path(), readable).map_err(failed)?;
    }
    // An empty folder that was made meanwhile would be replaced, and nothing else.
    std::fs::rename(made.path(), folder).map_err(failed)?;
    // It has another name now: there is nothing to remove.
    let _ = made.keep();
    Ok(())
}

/// The folder that a file is in.
fn above(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    }
}
