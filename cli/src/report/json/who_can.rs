//! Everybody who may call one endpoint.

use std::io::Write;

use portcullis::path::Template;
use portcullis::scope::ScopeLevel;
use portcullis::{KeyId, Method, ProfileId, UserId};
use serde::Serialize;

use crate::exit::Failure;
use crate::report::json::deployed::Deployed;
use crate::report::json::with_provenance;
use crate::view::provenance::Provenance;
use portcullis::audit::view::who_can::{WhoCan, WhoCanEach};
use portcullis::audit::view::words::{Cell, cells};

#[derive(Serialize)]
struct Answer<'f> {
    method: Method,
    endpoint: &'f Template,
    deployments: Vec<InDeployment<'f>>,
}

/// The answer for a template whose alternatives have different callers. It has
/// no `deployments` of its own, because they differ for each alternative.
#[derive(Serialize)]
struct Differing<'f> {
    method: Method,
    endpoint: Option<&'f Template>,
    alternatives: Vec<Alternative<'f>>,
}

#[derive(Serialize)]
struct Alternative<'f> {
    endpoints: Vec<&'f Template>,
    deployments: Vec<InDeployment<'f>>,
}

#[derive(Serialize)]
struct InDeployment<'f> {
    #[serde(flatten)]
    deployed: Deployed,
    restricted: bool,
    /// Whether everybody can, without a credential. Left out if not.
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    public: bool,
    callers: Vec<Caller<'f>>,
    keys: Vec<Key<'f>>,
}

#[derive(Serialize)]
struct Caller<'f> {
    profile: &'f ProfileId,
    scope: ScopeLevel,
    cells: Vec<Cell>,
}

#[derive(Serialize)]
struct Key<'f> {
    user: &'f UserId,
    key: &'f KeyId,
}

/// Prints the callers, deployment by deployment.
pub(crate) fn print(
    output: &mut impl Write,
    view: &WhoCanEach<'_>,
    provenance: &Provenance,
) -> Result<(), Failure> {
    if let [(rows, one)] = view.blocks.as_slice() {
        let answer = Answer {
            method: one.row.method(),
            endpoint: view
                .templates(rows)
                .first()
                .copied()
                .unwrap_or(one.row.template()),
            deployments: deployments(one),
        };
        return with_provenance(output, &answer, provenance);
    }
    let Some((_, first)) = view.blocks.first() else {
        return Ok(());
    };
    let alternatives = view.blocks.iter().map(|(rows, one)| Alternative {
        endpoints: view.templates(rows),
        deployments: deployments(one),
    });
    let answer = Differing {
        method: first.row.method(),
        endpoint: view.written(),
        alternatives: alternatives.collect(),
    };
    with_provenance(output, &answer, provenance)
}

fn deployments<'f>(view: &'f WhoCan<'_>) -> Vec<InDeployment<'f>> {
    let axes = view.matrix.axes();
    let deployed = view.deployments.iter().map(|one| InDeployment {
        deployed: Deployed::of(one.sheet),
        restricted: one.restricted,
        public: one.public,
        callers: one
            .sheet
            .who_can(view.place)
            .into_iter()
            .filter_map(|caller| {
                let profile = axes.profiles().get(caller.profile)?;
                Some(Caller {
                    profile,
                    scope: caller.scope,
                    cells: cells(caller.allowed),
                })
            })
            .collect(),
        keys: one
            .keys
            .iter()
            .map(|holder| Key {
                user: &holder.user,
                key: &holder.key,
            })
            .collect(),
    });
    deployed.collect()
}
