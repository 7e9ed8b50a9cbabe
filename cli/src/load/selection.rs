//! Which part of a matrix is selected: releases, profiles and endpoints by name.

use clap::Args;
use portcullis::audit::{Axes, Matrix, Row};
use portcullis::document::nearest;
use portcullis::{Policy, ProfileId, Release};

use crate::exit::Failure;
use crate::text::near_name;

/// Which releases.
#[derive(Debug, Default, Args)]
pub(crate) struct Releases {
    /// Only this release; may be given several times [default: all]
    #[arg(long = "release", value_name = "RELEASE")]
    releases: Vec<String>,
}

impl Releases {
    /// Whether a release is named.
    pub(crate) fn are_named(&self) -> bool {
        !self.releases.is_empty()
    }

    /// The releases, in the order of the policy.
    ///
    /// # Errors
    ///
    /// [`Failure::Usage`] if the policy has no such release.
    pub(crate) fn of(&self, policy: &Policy) -> Result<Vec<Release>, Failure> {
        let mut kept = Vec::new();
        for typed in &self.releases {
            kept.push(release("--release", typed, policy)?);
        }
        Ok(policy
            .releases()
            .filter(|release| kept.is_empty() || kept.contains(release))
            .collect())
    }
}

/// What to keep of a matrix; without any flag, everything.
#[derive(Debug, Default, Args)]
pub(crate) struct Selection {
    #[command(flatten)]
    pub(crate) releases: Releases,
    /// Only this profile; may be given several times [default: all]
    #[arg(long = "profile", value_name = "PROFILE")]
    profiles: Vec<String>,
    /// Only this endpoint, such as 'GET /cases/{id}'; may be given several times
    #[arg(long = "endpoint", value_name = "ENDPOINT")]
    endpoints: Vec<String>,
}

impl Selection {
    /// The places of the profiles on the axes, in their order.
    ///
    /// # Errors
    ///
    /// [`Failure::Usage`] if the axes have no such profile.
    pub(crate) fn profiles(&self, axes: &Axes) -> Result<Vec<usize>, Failure> {
        let mut kept = Vec::new();
        for typed in &self.profiles {
            kept.push(profile("--profile", typed, axes)?);
        }
        Ok((0..axes.profiles().len())
            .filter(|profile| kept.is_empty() || kept.contains(profile))
            .collect())
    }

    /// The places of the endpoint-methods on the axes, in their order.
    ///
    /// # Errors
    ///
    /// [`Failure::Usage`] if the axes have no such endpoint.
    pub(crate) fn rows(&self, axes: &Axes, base_path: &str) -> Result<Vec<usize>, Failure> {
        let mut kept = vec![self.endpoints.is_empty(); axes.rows().len()];
        for typed in &self.endpoints {
            let mut found = false;
            for (row, kept) in axes.rows().iter().zip(&mut kept) {
                if is_named(row, typed, base_path) {
                    (*kept, found) = (true, true);
                }
            }
            if !found {
                return Err(unknown_endpoint("--endpoint", typed, axes, base_path));
            }
        }
        Ok(kept
            .iter()
            .enumerate()
            .filter(|(_, kept)| **kept)
            .map(|(row, _)| row)
            .collect())
    }
}

/// The release of this name.
///
/// # Errors
///
/// [`Failure::Usage`] if the policy has no such release.
pub(crate) fn release(flag: &str, typed: &str, policy: &Policy) -> Result<Release, Failure> {
    let known: Vec<String> = policy
        .releases()
        .map(|release| release.to_string())
        .collect();
    let known = || known.iter().map(String::as_str);
    policy
        .releases()
        .find(|release| release.to_string() == typed)
        .ok_or_else(|| unknown(flag, "release", typed, known))
}

/// The failure for an unknown name, with the nearest known one or all of them.
fn unknown<'n, I: Iterator<Item = &'n str>>(
    flag: &str,
    kind: &str,
    typed: &str,
    known: impl Fn() -> I,
) -> Failure {
    let help = near_name(typed, known(), || {
        format!("it has {}", known().collect::<Vec<_>>().join(", "))
    });
    let typed = typed.escape_debug();
    Failure::Usage(format!(
        "{flag}: the policy has no {kind} `{typed}`; {help}"
    ))
}

/// The place of the profile of this name.
///
/// # Errors
///
/// [`Failure::Usage`] if the axes have no such profile.
pub(crate) fn profile(flag: &str, typed: &str, axes: &Axes) -> Result<usize, Failure> {
    let names = || axes.profiles().iter().map(ProfileId::as_str);
    names()
        .position(|name| name == typed)
        .ok_or_else(|| unknown(flag, "profile", typed, names))
}

/// Whether this text names the row: by its template or the one it was expanded
/// from, with or without the method and the base path.
fn is_named(row: &Row, typed: &str, base_path: &str) -> bool {
    let template = match typed.split_once(' ') {
        Some((method, template)) if method == row.method().as_str() => template,
        Some(_) => return false,
        None => typed,
    };
    let below = template.strip_prefix(base_path).unwrap_or(template);
    [row.template(), row.written()]
        .iter()
        .any(|own| own.to_string() == below)
}

/// The rows of a method and a path. The path may be one as it is sent or a
/// template, with or without the base path. A template with an alternation has a
/// row for each alternative.
pub(crate) fn rows(matrix: &Matrix, method: &str, path: &str) -> Vec<usize> {
    let base_path = matrix.policy().base_path().to_string();
    let typed = format!("{method} {path}");
    let named = || {
        let rows = matrix.axes().rows().iter().enumerate();
        rows.filter(|(_, row)| is_named(row, &typed, &base_path))
            .map(|(place, _)| place)
            .collect()
    };
    let whole = matrix.row(method, path).ok();
    whole
        .or_else(|| matrix.row(method, format!("{base_path}{path}")).ok())
        .map_or_else(named, |row| Vec::from([row]))
}

/// The failure for an unknown endpoint, with the nearest one.
pub(crate) fn unknown_endpoint(flag: &str, typed: &str, axes: &Axes, base_path: &str) -> Failure {
    let (method, template) = typed
        .split_once(' ')
        .map_or((None, typed), |(method, rest)| (Some(method), rest));
    let below = template.strip_prefix(base_path).unwrap_or(template);
    let names: Vec<String> = axes
        .rows()
        .iter()
        .map(|row| row.template().to_string())
        .collect();
    let same = axes
        .rows()
        .iter()
        .filter(|row| is_named(row, template, base_path));
    let listed: Vec<&str> = same.map(|row| row.method().as_str()).collect();
    let help = match (method, nearest(below, names.iter().map(String::as_str))) {
        (Some(_), _) if !listed.is_empty() => format!("`{below}` lists {}", listed.join(", ")),
        (_, Some(near)) => format!("did you mean `{near}`?"),
        (_, None) => "`portcullis matrix` shows them all".to_owned(),
    };
    Failure::Usage(format!(
        "{flag}: the policy has no endpoint `{}`; {help}",
        typed.escape_debug()
    ))
}
