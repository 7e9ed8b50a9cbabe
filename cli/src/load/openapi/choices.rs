//! The flags that decide what a document becomes.

use super::privilege::PrivilegeSource;

/// The values of these flags.
#[derive(Clone, Debug, Default)]
pub(crate) struct Choices {
    /// The base path of all operations, whatever the document says.
    pub(crate) base_path: Option<String>,
    /// What privileges are named after.
    pub(crate) privileges: PrivilegeSource,
    /// Whether operations that need no credential become public.
    pub(crate) public: bool,
    /// The parameters of paths that name the tenant.
    pub(crate) tenants: Vec<String>,
}
