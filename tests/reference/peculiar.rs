//! A second world, small and odd where the embedded one is plain: whatever the
//! engine keeps in tables should hold here too.

use super::world::World;

/// No endpoint names its tenant by `tenantid`; parameters stand first, and under
/// two names in one place; paths name tenants, one of which is a literal beside
/// them; a path is as deep as it may be; a clone holds every
/// privilege; releases differ in everything that a release may say.
pub(crate) const POLICY: &str = r#"
version: 1
base_path: /v1
administration: users.edit
privileges: [a.view, a.edit, a.b.edit, users.edit]
profiles:
  super_admin: { builtin: true, all: true }
  reader: { grants: [a.view] }
  writer: { inherits: [reader], grants: [a.edit] }
  clone: { inherits: [writer, reader], grants: [a.b.edit, users.edit], title: Super Admin }
endpoints:
  - { path: /a, methods: { GET: a.view, HEAD: null }, tenant_parameter: org }
  - path: "/a/{id}"
    methods: { GET: a.view, DELETE: a.b.edit, PATCH: null }
    tenant: { GET: scoped, DELETE: platform, PATCH: none }
    tenant_parameter: org_ids
  - { path: "/a/{id}/[b|c-d|e_f]", methods: { PUT: a.edit }, tenant_parameter: org }
  - { path: "/a/{key}/notes/{note}", methods: { GET: a.view }, tenant_parameter: org }
  - { path: /a/summary, methods: { GET: a.view }, tenant_parameter: org }
  - { path: /a/summary/today, methods: { OPTIONS: users.edit }, tenant_parameter: org }
  - { path: "/[login|token]", methods: { POST: null, PUT: a.view }, tenant: none, tenant_parameter: o1, exchange: true }
  - { path: "/{any}/x/y", methods: { GET: a.edit }, tenant: platform, tenant_parameter: org }
  - path: "/o/{o_id}"
    methods: { GET: a.view, PATCH: a.edit, DELETE: a.b.edit, HEAD: null }
    tenant: { GET: scoped, PATCH: scoped, DELETE: platform, HEAD: none }
    tenant_parameter: { path: o_id }
  - { path: "/o/{a}/[m|n]/{b}", methods: { GET: a.view, POST: null }, tenant_parameter: { path: b } }
  - { path: "/o/{a}/k", methods: { GET: a.view }, tenant_parameter: { header: X-Org } }
  - { path: /o/beta, methods: { GET: a.view }, tenant_parameter: org }
  - path: "/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/{last}"
    methods: { GET: a.view }
    tenant_parameter: org
releases:
  "1.0.0": { access: super_root_only, techniques: [basic] }
  "1.0.0s": { access: super_root_only, techniques: [token] }
  "1.1.0": { access: early_access, restricted: [] }
  "1.2.0s": { access: early_access, techniques: [token], restricted: ["/a/{id}/[b|e_f]", "/{any}/x/y"] }
  "1.9.0": { access: scoped, techniques: [basic], restricted: ["/[login|token]", "/{any}/x/y"], open_beneath: [] }
  "1.10.0": { access: scoped, restricted: ["/a/{id}/[b|c-d|e_f]"] }
"#;

/// Tenants that differ only in what some other system would fold; a group of all,
/// a group of one, a group of none; so that tenants stand in one, two and three
/// groups, and each of these is foreign to some group.
pub(crate) const DIRECTORY: &str = r"
version: 1
tenants: [alpha, ALPHA, al-pha, al_pha, beta]
groups:
  all: [beta, al_pha, al-pha, ALPHA, alpha]
  one: [alpha]
  pair: [ALPHA, al-pha]
  other: [al-pha]
  empty: []
users: {}
keys: {}
";

/// The world of the two documents.
pub(crate) fn world() -> World {
    World::from_yaml(POLICY, DIRECTORY)
}
