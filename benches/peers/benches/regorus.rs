//! Regorus: a Rego policy, compiled for its virtual machine.
//!
//! Its best case, as far as we know one: the machine is kept and holds the
//! data, every question is a lookup by key, and the input is built before.

use portcullis::profile::SUPER_ADMIN;
use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::vm::RegoVM;
use regorus::{Engine, Value};
use serde_json::{Map, json};

use crate::question::{Question, ROOT};
use crate::store::Store;

const POLICY: &str = r#"
package gate

import rego.v1

default allow := false

allow if {
    open
    data.profiles[input.profile][input.privilege]
    inside
}

open if not input.restricted

open if {
    input.profile == "super_admin"
    input.scope == "root"
}

inside if not input.tenant

inside if data.tenants[input.tenant][input.scope]
"#;

const ALLOW: &str = "data.gate.allow";

/// A machine with its program and its data.
pub struct Regorus {
    machine: RegoVM,
}

impl Regorus {
    /// Compiles the policy and loads the data.
    pub fn new(store: &Store) -> Self {
        assert!(
            POLICY.contains(SUPER_ADMIN) && POLICY.contains(ROOT),
            "the policy's names"
        );
        let mut engine = Engine::new();
        let added = engine.add_policy("gate.rego".to_owned(), POLICY.to_owned());
        added.expect("the policy is Rego");
        let compiled = engine
            .compile_with_entrypoint(&ALLOW.into())
            .expect("it compiles");
        let program = Compiler::compile_from_policy(&compiled, &[ALLOW]);
        let mut machine = RegoVM::new();
        machine.load_program(program.expect("it compiles for the machine"));
        machine
            .set_data(data(store))
            .expect("data and rules do not meet");
        Self { machine }
    }

    /// The input that a question stands for.
    pub fn input(store: &Store, question: &Question) -> Value {
        let needs = store.needs(question);
        let mut input = json!({
            "profile": question.profile,
            "privilege": needs.privilege,
            "restricted": needs.restricted,
            "scope": question.scope,
        });
        if let Some(tenant) = &question.tenant {
            input["tenant"] = json!(tenant);
        }
        input.into()
    }

    /// Decides by an input.
    pub fn decide(&mut self, input: &Value) -> bool {
        self.machine.set_input(input.clone());
        let allowed = self.machine.execute().expect("the program runs to its end");
        allowed == Value::Bool(true)
    }
}

/// Sets, as Rego has them in data: objects whose values are `true`.
fn data(store: &Store) -> Value {
    let set = |members: Vec<&String>| -> serde_json::Value {
        let members = members
            .into_iter()
            .map(|member| (member.clone(), json!(true)));
        members.collect::<Map<_, _>>().into()
    };
    let profiles = store.profiles.iter();
    let profiles =
        profiles.map(|(profile, privileges)| (profile.clone(), set(privileges.iter().collect())));
    let root = ROOT.to_owned();
    let tenants = store.tenants.iter();
    let tenants = tenants.map(|(tenant, group)| (tenant.clone(), set(vec![tenant, group, &root])));
    let data = json!({
        "profiles": profiles.collect::<Map<_, _>>(),
        "tenants": tenants.collect::<Map<_, _>>(),
    });
    data.into()
}
