//! Cedar: one `permit`, every membership an entity's ancestor.
//!
//! Its best case, as far as we know one: a single policy, since every policy
//! of a set is visited; ancestors instead of sets of attributes, since the
//! store closes them when it is built; no schema at the time of the decision.

use std::collections::{HashMap, HashSet};

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid,
    PolicySet, Request, RestrictedExpression,
};
use portcullis::profile::SUPER_ADMIN;

use crate::question::{Question, ROOT};
use crate::store::Store;

const POLICY: &str = r#"
permit (principal, action == Action::"call", resource)
when {
    (!resource.restricted || (principal in Profile::"super_admin" && principal.scope == Scope::"root")) &&
    principal in resource.privilege &&
    (!(context has tenant) || context.tenant in principal.scope)
};
"#;

/// An authorizer with its policy, its entities and the parsed type names.
pub struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
    entities: Entities,
    names: Names,
}

/// The types of the entities, parsed once. A tenant, a group and the whole
/// platform are scopes: each lies in the next.
struct Names {
    user: EntityTypeName,
    profile: EntityTypeName,
    privilege: EntityTypeName,
    endpoint: EntityTypeName,
    scope: EntityTypeName,
    call: EntityUid,
}

impl Names {
    fn new() -> Self {
        let name = |text: &str| text.parse::<EntityTypeName>().expect("a name of a type");
        Self {
            user: name("User"),
            profile: name("Profile"),
            privilege: name("Privilege"),
            endpoint: name("Endpoint"),
            scope: name("Scope"),
            call: uid(&name("Action"), "call"),
        }
    }
}

fn uid(kind: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
}

impl Cedar {
    /// Parses the policy and builds the entities of a stream.
    pub fn new(store: &Store, questions: &[Question]) -> Self {
        assert!(
            POLICY.contains(SUPER_ADMIN) && POLICY.contains(ROOT),
            "the policy's names"
        );
        let names = Names::new();
        let entities = Entities::from_entities(entities(&names, store, questions), None);
        Self {
            authorizer: Authorizer::new(),
            policies: POLICY.parse().expect("the policy is Cedar"),
            entities: entities.expect("the entities are consistent"),
            names,
        }
    }

    /// Builds the request of a question.
    pub fn request(&self, question: &Question) -> Request {
        let names = &self.names;
        let context = question
            .tenant
            .as_deref()
            .map_or_else(Context::empty, |tenant| {
                let tenant = RestrictedExpression::new_entity_uid(uid(&names.scope, tenant));
                Context::from_pairs([("tenant".to_owned(), tenant)]).expect("one key")
            });
        let (user, endpoint) = (&question.user, &question.endpoint);
        let (principal, resource) = (uid(&names.user, user), uid(&names.endpoint, endpoint));
        Request::new(principal, names.call.clone(), resource, context, None)
            .expect("no schema can refuse it")
    }

    /// Decides a request.
    pub fn decide(&self, request: &Request) -> bool {
        let response = self
            .authorizer
            .is_authorized(request, &self.policies, &self.entities);
        response.decision() == Decision::Allow
    }
}

/// The entities, each user and each tenant once.
fn entities(names: &Names, store: &Store, questions: &[Question]) -> Vec<Entity> {
    let mut entities = HashMap::new();
    let mut add = |uid: EntityUid, attributes: HashMap<_, _>, parents: HashSet<_>| {
        let entity =
            Entity::new(uid.clone(), attributes, parents).expect("attributes are plain values");
        entities.insert(uid, entity);
    };
    let none = HashMap::new;
    for (profile, privileges) in &store.profiles {
        let privileges = privileges
            .iter()
            .map(|privilege| uid(&names.privilege, privilege));
        add(uid(&names.profile, profile), none(), privileges.collect());
    }
    for (endpoint, needs) in &store.endpoints {
        let privilege =
            RestrictedExpression::new_entity_uid(uid(&names.privilege, &needs.privilege));
        let attributes = HashMap::from([
            ("privilege".to_owned(), privilege),
            (
                "restricted".to_owned(),
                RestrictedExpression::new_bool(needs.restricted),
            ),
        ]);
        add(uid(&names.endpoint, endpoint), attributes, HashSet::new());
    }
    for (tenant, group) in &store.tenants {
        let (group, root) = (uid(&names.scope, group), uid(&names.scope, ROOT));
        add(group.clone(), none(), HashSet::from([root]));
        add(uid(&names.scope, tenant), none(), HashSet::from([group]));
    }
    for question in questions {
        let scope = RestrictedExpression::new_entity_uid(uid(&names.scope, &question.scope));
        let attributes = HashMap::from([("scope".to_owned(), scope)]);
        let profile = uid(&names.profile, &question.profile);
        add(
            uid(&names.user, &question.user),
            attributes,
            HashSet::from([profile]),
        );
    }
    entities.into_values().collect()
}
