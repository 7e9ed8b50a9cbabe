//! Notes in words: differences that no cell shows.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;

use crate::audit::axes::Axes;
use crate::audit::diff::Note;
use crate::path::tenant_parameter::TenantParameter;

/// One note in one line.
pub fn words(axes: &Axes, note: &Note) -> String {
    let endpoint = |row: usize| {
        axes.rows().get(row).map_or_else(String::new, |row| {
            format!("{} {}", row.method(), row.template())
        })
    };
    match note {
        Note::BasePath { before, after } => {
            format!("the base path was `{before}` and is `{after}`: whole paths are compared, so that every endpoint is removed and added")
        }
        Note::ReleaseRemoved { release, is_compared: true } => {
            format!("release {release} is removed: whoever runs it is allowed nothing any more")
        }
        Note::ReleaseAdded { release, is_compared: true, before: Some(before) } => {
            format!("release {release} is added: compared with {before}, the one before it in its train")
        }
        Note::ReleaseAdded { release, is_compared: true, before: None } => {
            format!("release {release} is added: compared with nothing, as there was none before it in its train")
        }
        Note::ReleaseRemoved { release, is_compared: false } => {
            format!("release {release}: only the first policy has it; not compared")
        }
        Note::ReleaseAdded { release, is_compared: false, before: _ } => {
            format!("release {release}: only the second policy has it; not compared")
        }
        Note::PrivilegeRenamed { before, after } => {
            format!("privilege `{before}` is renamed to `{after}`: the same endpoints need it and the same profiles hold it")
        }
        Note::ParametersRenamed { before, after } => {
            format!("`{before}` is renamed to `{after}`: only its parameters have other names")
        }
        Note::ProfileRemoved(profile) => {
            format!("profile `{profile}`: only the first policy has it; the second refuses its users")
        }
        Note::ProfileAdded(profile) => {
            format!("profile `{profile}`: only the second policy has it; the first refuses its users")
        }
        Note::TenantParameter { row, before, after } => {
            let (before, after) = (place(before), place(after));
            format!("{}: the tenant was named by {before} and is named by {after}", endpoint(*row))
        }
        Note::Public { row, after: true } => {
            format!("{} becomes public: everybody may call it, without a credential", endpoint(*row))
        }
        Note::Public { row, after: false } => {
            format!("{} is public no longer: without a credential nobody may call it", endpoint(*row))
        }
        Note::Carved { row, taken_by } => {
            format!("{}: where it is missing, `{taken_by}` takes its path", endpoint(*row))
        }
        Note::Administration { before, after } => {
            let name = |privilege: &Option<crate::privilege::Privilege>| {
                privilege.as_ref().map_or_else(|| "nothing but Super Admin".to_owned(), |name| format!("`{name}`"))
            };
            let (before, after) = (name(before), name(after));
            format!("what makes an account administrative was {before} and is {after}; it affects no request")
        }
        Note::Elsewhere => {
            "the policies differ in something that affects no compared request and no act of administration, such as a grant of a privilege that no endpoint needs".to_owned()
        }
    }
}

/// Where a tenant is named.
fn place(parameter: &TenantParameter) -> String {
    match parameter {
        TenantParameter::Query(name) => format!("`{name}` in the query"),
        TenantParameter::Path(name) => format!("`{name}` in the path"),
        TenantParameter::Header(name) => format!("the header `{name}`"),
    }
}
