//! Policies: checked, indexed, immutable.

pub(crate) mod canonical;
mod compile;
pub(crate) mod digest;
mod digest_facts;
mod lists;
pub(crate) mod remarks;

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::document::key_in_path;
use crate::document::policy::{PolicyDocument, read_policy};
use crate::fault::Faults;
use crate::id::ProfileId;
use crate::method::Method;
use crate::path::catalogue::Catalogue;
use crate::path::endpoint::{CatalogueEntry, CompiledRequirement};
use crate::path::target::TenantParameters;
use crate::path::template::Template;
use crate::policy::lists::Lists;
use crate::privilege::{Privilege, PrivilegeSet};
use crate::profile::{Profile, ProfileRef};
use crate::release::{Access, Release, Techniques};
use crate::util::hash::{Map, Set};
use crate::util::short_name::ShortName;
use crate::util::short_names::ShortNames;
use crate::util::stamp::Stamp;
use crate::util::table::Named;

pub use crate::policy::digest::Digest;

/// The text of the embedded default policy: the public API of six releases,
/// their restricted tables and the four built-in profiles.
pub const EMBEDDED_POLICY: &str = include_str!("../policies/stellar-cyber/policy.yaml");

/// The text of the embedded example directory: users of every scope and
/// profile, keys in every state.
pub const EMBEDDED_DIRECTORY: &str = include_str!("../policies/stellar-cyber/directory.yaml");

/// The embedded suites, each with the name of its file. They say what is
/// expected of the embedded policy, for the users of the embedded directory.
pub const EMBEDDED_SUITES: &[(&str, &str)] = &[
    (
        "access.suite.yaml",
        include_str!("../policies/stellar-cyber/suites/access.suite.yaml"),
    ),
    (
        "restricted.suite.yaml",
        include_str!("../policies/stellar-cyber/suites/restricted.suite.yaml"),
    ),
    (
        "profiles.suite.yaml",
        include_str!("../policies/stellar-cyber/suites/profiles.suite.yaml"),
    ),
    (
        "tenants.suite.yaml",
        include_str!("../policies/stellar-cyber/suites/tenants.suite.yaml"),
    ),
    (
        "administration.suite.yaml",
        include_str!("../policies/stellar-cyber/suites/administration.suite.yaml"),
    ),
];

/// A policy that has been checked as a whole.
///
/// It is complete: nothing is parsed or refused later. It never changes; a new
/// version is a new policy.
pub struct Policy {
    stamp: Stamp,
    digest: Digest,
    document: PolicyDocument,
    privileges: Set<Privilege>,
    lists: Lists,
    profiles: Map<ProfileId, Profile>,
    /// The positions of the profiles with short names.
    short_names: ShortNames,
    super_admin: u32,
    catalogue: Catalogue,
    tenant_parameters: TenantParameters,
    releases: Map<Release, ReleaseRules>,
}

impl fmt::Debug for Policy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Policy")
            .field("digest", &self.digest)
            .finish_non_exhaustive()
    }
}

/// Equal policies have the same digest, so they decide in the same way.
impl PartialEq for Policy {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl Eq for Policy {}

/// Who may call a method of an endpoint.
///
/// ```
/// use portcullis::{Method, Policy};
/// use portcullis::policy::Requirement;
///
/// let policy = Policy::embedded()?;
/// let cases = policy.endpoints().iter().find(|entry| entry.template().to_string() == "/cases").unwrap();
/// let requirement = policy.requirement(cases, Method::Get).unwrap();
/// assert!(matches!(&requirement, Requirement::Privileges(all) if all.len() == 1));
/// assert_eq!(requirement.to_string(), "cases.view");
/// assert_eq!(policy.requirement(cases, Method::Delete), None);
/// # Ok::<(), portcullis::Faults>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Requirement<'p> {
    /// Everybody, without a credential.
    Public,
    /// Any principal.
    Principal,
    /// A principal who holds all of these privileges. There is at least one;
    /// they are in the order in which the policy declares them.
    Privileges(Vec<&'p Privilege>),
}

/// Prints `no credential`, `no privilege`, or the privileges with `and` between.
impl fmt::Display for Requirement<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Public => formatter.write_str("no credential"),
            Self::Principal => formatter.write_str("no privilege"),
            Self::Privileges(all) => all.iter().enumerate().try_for_each(|(at, privilege)| {
                let and = if at > 0 { " and " } else { "" };
                write!(formatter, "{and}{privilege}")
            }),
        }
    }
}

/// The rules of one release.
#[derive(Clone, Debug)]
pub(crate) struct ReleaseRules {
    pub(crate) access: Access,
    pub(crate) techniques: Techniques,
    /// The restricted entries, ascending, each with the row that names it.
    restricted: Box<[(u32, u32)]>,
}

impl ReleaseRules {
    /// The row of the restricted table that names an entry, counted from 0.
    pub(crate) fn restricting_row(&self, entry: u32) -> Option<u32> {
        let at = self
            .restricted
            .binary_search_by_key(&entry, |(entry, _)| *entry)
            .ok()?;
        self.restricted.get(at).map(|(_, row)| *row)
    }
}

impl Policy {
    /// Reads one policy document and checks all of it.
    ///
    /// # Errors
    ///
    /// Every fault, in the order of the document.
    ///
    /// # Examples
    ///
    /// ```
    /// use portcullis::{EMBEDDED_POLICY, Policy};
    ///
    /// let policy = Policy::from_yaml(EMBEDDED_POLICY)?;
    /// assert_eq!(policy.releases().count(), 6);
    ///
    /// let typo = EMBEDDED_POLICY.replace("administration: system.users.edit", "administration: system.users.edti");
    /// let faults = Policy::from_yaml(typo).unwrap_err();
    /// assert!(faults.to_string().contains("did you mean `system.users.edit`?"));
    /// # Ok::<(), portcullis::Faults>(())
    /// ```
    pub fn from_yaml(text: impl AsRef<[u8]>) -> Result<Self, Faults> {
        read_policy(text.as_ref()).map(Self::compile)
    }

    /// Reads the embedded default policy.
    ///
    /// # Errors
    ///
    /// None: the embedded document is checked when the crate is tested.
    pub fn embedded() -> Result<Self, Faults> {
        Self::from_yaml(EMBEDDED_POLICY)
    }

    /// A digest of the policy's meaning. Documents that decide in the same way
    /// have the same digest, whatever their order and layout; all others have
    /// different ones.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The policy as a document in its one canonical spelling.
    ///
    /// It has everything of the document that was read, including titles,
    /// sources and inheritance, but no comments. Order, layout and quotes are
    /// always the same, and defaults are left out. Documents that differ in
    /// nothing else have the same canonical text. The canonical text of a
    /// canonical text is the same text. Each entry has a line, so the text may
    /// be longer than the document. The loader would refuse it above one MiB.
    ///
    /// # Examples
    ///
    /// ```
    /// use portcullis::Policy;
    ///
    /// let policy = Policy::embedded()?;
    /// let canonical = policy.to_yaml();
    /// let loaded = Policy::from_yaml(&canonical)?;
    /// assert_eq!(loaded, policy);
    /// assert_eq!(loaded.to_yaml(), canonical);
    /// # Ok::<(), portcullis::Faults>(())
    /// ```
    pub fn to_yaml(&self) -> String {
        canonical::yaml(&self.document)
    }

    /// The releases, in the order of the document.
    pub fn releases(&self) -> impl ExactSizeIterator<Item = Release> + '_ {
        self.releases.keys().copied()
    }

    /// The number of a release, in the order of the document.
    pub(crate) fn release_number(&self, release: Release) -> Option<u32> {
        let number = self.releases.get_index_of(&release)?;
        u32::try_from(number).ok()
    }

    /// Who may call the API at all in a release, if the policy has it.
    pub fn access(&self, release: Release) -> Option<Access> {
        self.releases.get(&release).map(|rules| rules.access)
    }

    /// The rows of a release's restricted table, as they are written. Empty if
    /// the policy does not have the release, or if only root users with Super
    /// Admin have access.
    pub fn restricted_rows(&self, release: Release) -> &[Template] {
        self.document
            .releases
            .get(&release)
            .map_or(&[], |written| &written.restricted)
    }

    /// The source of a release, if the policy names one.
    pub fn release_source(&self, release: Release) -> Option<&str> {
        self.document
            .releases
            .get(&release)
            .and_then(|written| written.source.as_deref())
    }

    /// Every endpoint in the order of the document, with alternations expanded.
    pub fn endpoints(&self) -> &[CatalogueEntry] {
        self.catalogue.entries()
    }

    /// The base path. Empty if templates are whole paths.
    pub fn base_path(&self) -> impl fmt::Display + '_ {
        BasePath(&self.document.base_path)
    }

    /// Every profile, in the order of the document.
    pub fn profiles(&self) -> impl ExactSizeIterator<Item = &ProfileId> {
        self.profiles.keys()
    }

    /// The title of a profile, if the policy gives one.
    pub fn profile_title(&self, profile: &ProfileId) -> Option<&str> {
        self.profiles
            .get(profile)
            .and_then(|profile| profile.title.as_deref())
    }

    /// Every privilege that the policy declares, in the order of the document.
    pub fn privileges(&self) -> impl ExactSizeIterator<Item = &Privilege> {
        self.privileges.iter()
    }

    /// The privilege that makes an account administrative. Without one, only
    /// Super Admin is.
    pub fn administration(&self) -> Option<&Privilege> {
        self.document.administration.as_ref()
    }

    /// Who may call a method of an endpoint of this policy; `None` if the
    /// endpoint does not list the method.
    pub fn requirement(&self, entry: &CatalogueEntry, method: Method) -> Option<Requirement<'_>> {
        Some(match entry.method_rule(method)?.requirement {
            CompiledRequirement::Public => Requirement::Public,
            CompiledRequirement::Principal => Requirement::Principal,
            CompiledRequirement::Privileges(list) => {
                Requirement::Privileges(self.needed(list).collect())
            }
        })
    }

    /// The privileges of a list.
    pub(crate) fn needed(&self, list: u32) -> impl Iterator<Item = &Privilege> {
        let numbers = self.lists.members(list);
        numbers.filter_map(|number| self.privileges.get_index(number as usize))
    }

    /// The lists of privileges that methods require.
    pub(crate) fn lists(&self) -> &Lists {
        &self.lists
    }

    /// Resolves a profile. Never fails: an unknown name gives a reference that
    /// every decision refuses.
    pub fn profile(&self, name: &str) -> ProfileRef {
        self.profile_of(ShortName::of(name.as_bytes()), name.as_bytes())
    }

    /// [`Policy::profile`], by a checked name.
    #[inline]
    pub(crate) fn profile_named(&self, name: &ProfileId) -> ProfileRef {
        self.profile_of(name.short(), name.as_bytes())
    }

    #[inline]
    fn profile_of(&self, short: Option<ShortName>, name: &[u8]) -> ProfileRef {
        let unknown = ProfileRef::UNKNOWN;
        let number = self
            .short_names
            .find_or(short, unknown, || self.long_profile(name));
        ProfileRef {
            policy: self.stamp,
            number,
            super_admin: number == self.super_admin,
        }
    }

    #[cold]
    fn long_profile(&self, name: &[u8]) -> Option<u32> {
        let number = self
            .profiles
            .get_index_of(core::str::from_utf8(name).ok()?)?;
        u32::try_from(number).ok()
    }

    /// The number of the privilege that makes an account administrative.
    pub(crate) fn administration_number(&self) -> Option<usize> {
        self.privileges.get_index_of(self.administration()?)
    }

    /// The release before another one in its train.
    pub(crate) fn release_before(&self, release: Release) -> Option<Release> {
        let earlier = self.releases().filter(|own| *own < release);
        earlier.fold(None, |latest: Option<Release>, own| match latest {
            Some(latest) if own < latest => Some(latest),
            Some(_) | None => Some(own),
        })
    }

    /// Every profile but Super Admin, with its number.
    pub(crate) fn other_profiles(&self) -> impl Iterator<Item = (u32, &ProfileId, &Profile)> {
        let all = (0..).zip(&self.profiles);
        all.filter(|(number, _)| *number != self.super_admin)
            .map(|(number, (name, profile))| (number, name, profile))
    }

    /// The document that the policy was compiled from.
    pub(crate) fn document(&self) -> &PolicyDocument {
        &self.document
    }

    pub(crate) fn stamp(&self) -> Stamp {
        self.stamp
    }

    pub(crate) fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    pub(crate) fn tenant_parameters(&self) -> &TenantParameters {
        &self.tenant_parameters
    }

    /// The template of an entry as it is written, with alternations.
    pub(crate) fn written_template(&self, entry: &CatalogueEntry) -> Option<&Template> {
        self.document
            .endpoints
            .get(entry.written)
            .map(|endpoint| &endpoint.path)
    }

    pub(crate) fn rules(&self, release: Release) -> Option<&ReleaseRules> {
        self.releases.get(&release)
    }

    /// The number of the built-in Super Admin profile.
    pub(crate) fn super_admin(&self) -> u32 {
        self.super_admin
    }

    /// The profile of this number, and its name.
    #[inline]
    pub(crate) fn profile_at(&self, number: u32) -> Option<(&ProfileId, &Profile)> {
        self.profiles.get_index(number as usize)
    }

    /// The profile from which a profile has a privilege, and the path of the
    /// grant in the document. Its own grant comes before an inherited one.
    pub(crate) fn granting_place<'p>(
        &'p self,
        profile: &'p ProfileId,
        privilege: &Privilege,
    ) -> Option<(&'p ProfileId, String)> {
        let number = self.privileges.get_index_of(privilege)?;
        let holds = |name: &&ProfileId| {
            self.profiles
                .get(*name)
                .is_some_and(|held| held.privileges.contains(number))
        };
        let mut name = Some(profile).filter(holds)?;
        // Inheritance has no circles, so the walk passes each profile once.
        for _ in 0..=self.profiles.len() {
            let written = self.document.profiles.get(name)?;
            let key = key_in_path(name.as_str());
            if written.all {
                return Some((name, format!("profiles.{key}.all")));
            }
            if let Some(at) = written.grants.iter().position(|own| own == privilege) {
                return Some((name, format!("profiles.{key}.grants[{at}]")));
            }
            name = written.inherits.iter().find(holds)?;
        }
        None
    }

    /// The privileges of every profile, by its number.
    pub(crate) fn privilege_sets(&self) -> impl ExactSizeIterator<Item = &PrivilegeSet> {
        self.profiles.values().map(|profile| &profile.privileges)
    }
}

/// Prints a base path.
struct BasePath<'p>(&'p [Box<str>]);

impl fmt::Display for BasePath<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|segment| write!(formatter, "/{segment}"))
    }
}
