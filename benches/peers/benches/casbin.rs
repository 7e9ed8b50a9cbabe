//! Casbin: roles and domains as two graphs, no policy rows.
//!
//! Its best case, as far as we know one: every policy row costs an evaluation
//! of the matcher, so that there are none, and the matcher is evaluated once
//! and asks the role graphs. The arguments are built before, as values of its
//! own. Nothing is cached: a cache of whole requests would time a lookup, and
//! could answer for another request.

use casbin::rhai::Dynamic;
use casbin::{CoreApi, DefaultModel, Enforcer, MgmtApi, Model};
use portcullis::profile::SUPER_ADMIN;

use crate::question::{Question, ROOT};
use crate::store::Store;

const MODEL: [(&str, &str, &str); 6] = [
    ("r", "r", "profile, privilege, restricted, scope, tenant"),
    ("p", "p", "profile, privilege"),
    // From a profile to its privileges; from a tenant to its group to root.
    ("g", "g", "_, _"),
    ("g", "g2", "_, _"),
    ("e", "e", "some(where (p.eft == allow))"),
    (
        "m",
        "m",
        r#"(!r.restricted || (r.profile == "super_admin" && r.scope == "root")) && g(r.profile, r.privilege) && (r.tenant == "" || g2(r.tenant, r.scope))"#,
    ),
];

/// An enforcer with its graphs.
pub struct Casbin {
    enforcer: Enforcer,
}

/// The arguments of one decision.
pub type Arguments = Vec<Dynamic>;

impl Casbin {
    /// Compiles the model and builds the graphs.
    pub fn new(store: &Store) -> Self {
        let mut model = DefaultModel::default();
        for (section, key, value) in MODEL {
            assert!(
                model.add_def(section, key, value),
                "the definition of {key}"
            );
        }
        let [.., (_, _, matcher)] = MODEL;
        assert!(
            matcher.contains(SUPER_ADMIN) && matcher.contains(ROOT),
            "the matcher's names"
        );

        let privileges = store.profiles.iter().flat_map(|(profile, privileges)| {
            let link = move |privilege: &String| vec![profile.clone(), privilege.clone()];
            privileges.iter().map(link)
        });
        let tenants = store.tenants.iter();
        let mut domains: Vec<_> = tenants
            .map(|(tenant, group)| vec![tenant.clone(), group.clone()])
            .collect();
        let mut groups: Vec<_> = store.tenants.values().collect();
        groups.sort_unstable();
        groups.dedup();
        domains.extend(
            groups
                .into_iter()
                .map(|group| vec![group.clone(), ROOT.to_owned()]),
        );

        // Asynchronous for the sake of adapters that read files; none does here.
        let enforcer = pollster::block_on(async {
            let mut enforcer = Enforcer::new(model, ()).await?;
            enforcer
                .add_named_grouping_policies("g", privileges.collect())
                .await?;
            enforcer.add_named_grouping_policies("g2", domains).await?;
            casbin::Result::Ok(enforcer)
        });
        Self {
            enforcer: enforcer.expect("the model and the graphs are accepted"),
        }
    }

    /// The arguments that a question stands for.
    pub fn arguments(store: &Store, question: &Question) -> Arguments {
        let needs = store.needs(question);
        let tenant = question.tenant.as_deref().unwrap_or_default();
        vec![
            question.profile.as_str().into(),
            needs.privilege.as_str().into(),
            needs.restricted.into(),
            question.scope.as_str().into(),
            tenant.into(),
        ]
    }

    /// Decides by arguments. They are consumed, so a copy is: five counters
    /// and one allocation, less than building them.
    pub fn decide(&self, arguments: &Arguments) -> bool {
        let decided = self.enforcer.enforce(arguments.clone());
        decided.expect("the matcher takes these arguments")
    }
}
