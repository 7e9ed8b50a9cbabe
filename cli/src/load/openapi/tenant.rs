//! Names of parameters that may name a tenant.

/// Words for a tenant in other products, only letters and digits.
const WORDS: [&str; 17] = [
    "tenant",
    "org",
    "organization",
    "organisation",
    "account",
    "cust",
    "customer",
    "company",
    "workspace",
    "project",
    "namespace",
    "realm",
    "domain",
    "subscription",
    "partner",
    "enterprise",
    "site",
];

/// The endings after such a word.
const ENDS: [&str; 6] = ["", "id", "name", "sid", "uuid", "key"];

/// The letters and digits of a name, in lower case.
pub(super) fn skeleton(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|one| one.to_ascii_lowercase()).collect()
}

/// Whether a parameter of this name may name a tenant.
pub(super) fn is_likely(name: &str) -> bool {
    let name = skeleton(name);
    WORDS.iter().any(|word| {
        let end = name.strip_prefix(word);
        end.is_some_and(|end| ENDS.contains(&end))
    })
}

#[cfg(test)]
mod tests {
    use super::is_likely;

    #[test]
    fn names_of_tenants() {
        for name in [
            "tenant",
            "tenant_id",
            "tenantId",
            "cust_id",
            "org",
            "accountSid",
            "Namespace",
        ] {
            assert!(is_likely(name), "{name}");
        }
        for name in ["id", "page", "accounting", "order", "orgs", "organ"] {
            assert!(!is_likely(name), "{name}");
        }
    }
}
