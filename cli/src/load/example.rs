//! The example policy of the pages, with its directory and suites.

/// The policy: a support desk with twelve endpoints.
pub(crate) const EXAMPLE_POLICY: &str = include_str!("../../../policies/example/policy.yaml");

/// Its tenants, groups, users and keys.
pub(crate) const EXAMPLE_DIRECTORY: &str = include_str!("../../../policies/example/directory.yaml");

/// Its suites, with their file names.
pub(crate) const EXAMPLE_SUITES: &[(&str, &str)] = &[
    (
        "access.suite.yaml",
        include_str!("../../../policies/example/suites/access.suite.yaml"),
    ),
    (
        "profiles.suite.yaml",
        include_str!("../../../policies/example/suites/profiles.suite.yaml"),
    ),
    (
        "administration.suite.yaml",
        include_str!("../../../policies/example/suites/administration.suite.yaml"),
    ),
];
