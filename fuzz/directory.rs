//! Any bytes as a directory for the embedded policy: they are refused with
//! faults that can be printed, or an independent reader reads the same tenants,
//! users and keys from them.

use std::sync::LazyLock;

use portcullis::{Directory, Policy};

use super::{other_reader, refused};

static POLICY: LazyLock<Policy> =
    LazyLock::new(|| Policy::embedded().expect("the embedded policy loads"));

/// Everything that a directory holds, as text, in no order of its own.
fn told(directory: &Directory) -> Vec<String> {
    let tenancy = directory.tenancy();
    let tenants = tenancy.tenants().map(|tenant| format!("{tenant:?}"));
    let groups = tenancy.groups().map(|group| format!("{group:?}"));
    let users = directory.users().map(|user| {
        let name = user.as_str();
        let (email, second_factor) = (directory.email(name), directory.second_factor(name));
        format!("{:?} {email:?} {second_factor:?}", directory.account(name))
    });
    let keys = directory
        .keys()
        .map(|(key, owner)| format!("{owner} {:?}", directory.key(key.as_str())));
    let mut told: Vec<String> = tenants.chain(groups).chain(users).chain(keys).collect();
    told.sort_unstable();
    told
}

/// Checks one document.
pub fn check(bytes: &[u8]) {
    match Directory::from_yaml(bytes, &POLICY) {
        Err(faults) => refused::check("the directory", &faults),
        Ok(directory) => {
            let text = std::str::from_utf8(bytes).expect("accepted text is UTF-8");
            let value = other_reader::read(text).expect("the other reader accepts it");
            let again = Directory::from_yaml(value.to_string(), &POLICY)
                .expect("what the other reader read loads");
            assert_eq!(told(&again), told(&directory));
        }
    }
}
