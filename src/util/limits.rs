//! Every limit on what documents, names and requests may have, in one table.
//! `docs/policy-language.md` prints it, and a test compares the two.

/// Declares limits: a constant for each row, and `ALL` for the test.
macro_rules! limits {
    ($($what:literal $name:ident = $most:expr,)*) => {
        $(#[doc = $what] pub(crate) const $name: usize = $most;)*

        #[cfg(test)]
        const ALL: &[(&str, usize)] = &[$(($what, $most),)*];
    };
}

limits! {
    "bytes of a document" DOCUMENT_BYTES = 1 << 20,
    "levels of maps and lists in a document" DOCUMENT_LEVELS = 32,
    "keys, values and brackets of a document" DOCUMENT_NODES = 1 << 18,
    "faults of a document that are reported with their places" LOCATED_FAULTS = 20,
    "characters of a document that a message repeats" EXCERPT_CHARACTERS = 80,
    "bytes of the name of a tenant, group, user or key; 63 for a profile" NAME_BYTES = 64,
    "bytes of a privilege" PRIVILEGE_BYTES = 128,
    "characters of the name that says what a key is for" KEY_NAME_CHARACTERS = 128,
    "bytes of an e-mail address" EMAIL_BYTES = 254,
    "numbers of a release" RELEASE_NUMBERS = 4,
    "digits of a number of a release" RELEASE_DIGITS = 9,
    "letters of a train" TRAIN_LETTERS = 15,
    "steps from a profile to one that it inherits from" INHERITANCE_STEPS = 32,
    "privileges that all profiles hold together, inherited ones included" PRIVILEGES_HELD = 1_000_000,
    "different lists of privileges, times (the number of profiles / 64, rounded up)" LISTED_HOLDERS = 1_000_000,
    "segments of a template or of a path, base path included" SEGMENTS = 32,
    "bytes of a literal of a template" LITERAL_BYTES = 255,
    "bytes of the name of a parameter" PARAMETER_NAME_BYTES = 64,
    "templates that the alternations of one entry expand to" EXPANSIONS = 4096,
    "endpoints of a catalogue, after expanding alternations" ENDPOINTS = 10_000,
    "templates in the tables of all releases, and comparisons that they need" TABLE_STEPS = 200_000,
    "invariants of a policy" INVARIANTS = 1000,
    "templates that the invariants name together, after expanding alternations" SELECTED_TEMPLATES = 50_000,
    "bytes of the name of a header that names the tenant" HEADER_BYTES = 64,
    "requests of the cases of a suite" SUITE_REQUESTS = 1_000_000,
    "bytes of the target of a request" TARGET_BYTES = 8192,
    "bytes of its path" PATH_BYTES = 2048,
    "bytes of a segment" SEGMENT_BYTES = 255,
    "pairs of a query, empty ones included" QUERY_PAIRS = 256,
    "bytes of a tenant's name in a request" TENANT_BYTES = 64,
    "bytes of a key or token in its compact form" COMPACT_TOKEN_BYTES = 8192,
    "characters of a password" PASSWORD_CHARACTERS = 256,
}

#[cfg(test)]
mod tests {
    use alloc::string::{String, ToString};

    use super::ALL;

    /// A number with commas between thousands.
    fn written(number: usize) -> String {
        match number {
            0..1000 => number.to_string(),
            _ => std::format!("{},{:03}", written(number / 1000), number % 1000),
        }
    }

    #[test]
    fn the_page_has_every_limit() {
        let page = include_str!("../../docs/policy-language.md");
        let heading = "| limit | of what |\n|---|---|\n";
        let (_, after) = page.split_once(heading).unwrap();
        let (table, _) = after.split_once("\n\n").unwrap();
        let rows = ALL
            .iter()
            .map(|(what, most)| std::format!("| {} | {what} |", written(*most)));
        let expected = rows.collect::<std::vec::Vec<_>>().join("\n");
        assert!(table == expected, "the table must be:\n{heading}{expected}");
    }
}
