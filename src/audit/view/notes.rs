//! What no cell shows, in words.

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
            format!("the base path was `{before}` and is `{after}`: every path differs; compared is what lies beneath")
        }
        Note::ReleaseRemoved(release) => format!("release {release}: only the first policy has it; not compared"),
        Note::ReleaseAdded(release) => format!("release {release}: only the second policy has it; not compared"),
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
            format!("what makes an account administrative was {before} and is {after}; that decides no request")
        }
        Note::Elsewhere => {
            "the policies differ where no compared request is decided: in a privilege that no endpoint needs, or in a release that was not compared".to_owned()
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
