//! The terms on which a request may call an endpoint. Two endpoints with the
//! same terms *say the same*.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::path::template::Template;
use crate::path::tenant_parameter::TenantParameter;
use crate::util::hash::Set;

use crate::path::automaton::tree::number;

/// Sets of releases, each kept once, by number. The empty one is 0.
#[derive(Clone, Debug)]
pub(crate) struct ReleaseSets(Set<Box<[u32]>>);

impl ReleaseSets {
    /// The number of the empty set.
    pub(crate) const EMPTY: u32 = 0;

    pub(crate) fn new() -> Self {
        Self(Set::from_iter([Box::default()]))
    }

    /// The number of a set of releases, each by its number, in any order.
    pub(crate) fn add(&mut self, mut releases: Vec<u32>) -> u32 {
        releases.sort_unstable();
        releases.dedup();
        number(self.0.insert_full(releases.into()).0)
    }

    /// The releases of a set, ascending.
    pub(crate) fn get(&self, set: u32) -> &[u32] {
        self.0.get_index(set as usize).map_or(&[], |set| set)
    }

    pub(crate) fn contains(&self, set: u32, release: u32) -> bool {
        self.get(set).binary_search(&release).is_ok()
    }

    /// The number of the union of two sets.
    pub(crate) fn union(&mut self, left: u32, right: u32) -> u32 {
        if left == right || right == Self::EMPTY {
            return left;
        }
        if left == Self::EMPTY {
            return right;
        }
        self.add([self.get(left), self.get(right)].concat())
    }

    /// Whether the first set has a release that is not in the second.
    pub(crate) fn exceeds(&self, left: u32, right: u32) -> bool {
        left != right && self.get(left).iter().any(|one| !self.contains(right, *one))
    }
}

/// The terms of one endpoint.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Terms {
    /// The releases in which it is restricted, as a number of [`ReleaseSets`].
    pub(crate) restricted: u32,
    /// Where it names its tenant.
    tenant: TenantPlace,
    /// By the index of a method, a number for what it requires. Equal numbers
    /// require the same. `None` if it is not listed.
    methods: [Option<u32>; 7],
    /// Whether it has a fault of its own. Then it is not compared.
    is_faulty: bool,
}

/// Where an endpoint names its tenant.
#[derive(Clone, Debug, Eq, PartialEq)]
enum TenantPlace {
    Query(Box<str>),
    Header(Box<str>),
    /// The segment, counted from the beginning and from the end, and the fixed
    /// parts. A count is missing if it depends on the length of a tail.
    Path {
        from_start: Option<usize>,
        from_end: Option<usize>,
        parts: (Box<str>, Box<str>),
    },
}

impl TenantPlace {
    fn of(parameter: &TenantParameter, template: &Template) -> Self {
        let name = match parameter {
            TenantParameter::Query(name) => return Self::Query(name.clone()),
            TenantParameter::Header(name) => return Self::Header(name.clone()),
            TenantParameter::Path(name) => name,
        };
        let segments = template.segments();
        let parameters = || segments.iter().map(|segment| segment.parameter());
        let place = |found: &dyn Fn(&crate::path::template::Parameter) -> bool| {
            parameters().position(|parameter| parameter.is_some_and(found))
        };
        let own = place(&|parameter| parameter.name() == &**name);
        let tail = place(&|parameter| parameter.is_tail());
        let parts = parameters()
            .flatten()
            .find(|parameter| parameter.name() == &**name)
            .map(|parameter| (parameter.before().into(), parameter.behind().into()));
        Self::Path {
            from_start: own.filter(|own| tail.is_none_or(|tail| *own < tail)),
            from_end: own
                .filter(|own| tail.is_none_or(|tail| *own > tail))
                .map(|own| segments.len() - own),
            parts: parts.unwrap_or_default(),
        }
    }

    fn is_same(&self, other: &Self) -> bool {
        let known = |own: &Option<usize>, other: &Option<usize>| own.is_some() && own == other;
        match (self, other) {
            (Self::Query(own), Self::Query(other)) | (Self::Header(own), Self::Header(other)) => {
                own == other
            }
            (
                Self::Path {
                    from_start,
                    from_end,
                    parts,
                },
                Self::Path {
                    from_start: other_start,
                    from_end: other_end,
                    parts: other_parts,
                },
            ) => {
                (known(from_start, other_start) || known(from_end, other_end))
                    && parts == other_parts
            }
            (Self::Query(_) | Self::Header(_) | Self::Path { .. }, _) => false,
        }
    }
}

impl Terms {
    pub(crate) fn new(
        template: &Template,
        tenant: &TenantParameter,
        methods: [Option<u32>; 7],
        restricted: u32,
    ) -> Self {
        Self {
            restricted,
            tenant: TenantPlace::of(tenant, template),
            methods,
            is_faulty: false,
        }
    }

    /// The terms of an endpoint that has a fault of its own.
    pub(crate) fn faulty(restricted: u32) -> Self {
        Self {
            restricted,
            tenant: TenantPlace::Query(Box::default()),
            methods: [None; 7],
            is_faulty: true,
        }
    }

    /// Whether two endpoints say the same: about each method that both list,
    /// about releases, and about tenants.
    pub(crate) fn say_the_same(&self, other: &Self) -> bool {
        if self.is_faulty || other.is_faulty {
            return true;
        }
        let methods = self.methods.iter().zip(&other.methods);
        self.restricted == other.restricted
            && self.tenant.is_same(&other.tenant)
            && methods
                .filter_map(|(own, other)| own.as_ref().zip(other.as_ref()))
                .all(|(own, other)| own == other)
    }
}
