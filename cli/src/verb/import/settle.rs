//! Makes a policy that loads, whatever the document contains.

use std::collections::BTreeMap;
use std::sync::Arc;

use portcullis::{Deployment, Engine, Policy};

use crate::exit::Failure;
use crate::load::openapi::{Catalogue, Findings, Piece, Template};
use crate::report::yaml::policy::{self, Heading, PolicyText, on_templates};

/// The most times that endpoints are left out of a policy that is refused.
const MOST_ROUNDS: usize = 50;

/// Values that are not likely to be fixed texts of a document.
const VALUES: [&str; 3] = ["zq7", "7", "Q-q_1"];

/// How many segments the value of a tail has. Plain forms take the short ones.
const LENGTHS: [usize; 4] = [1, 2, 5, 9];

/// The text of a policy that loads, and its number of endpoints. Parts that the
/// loader refuses are left out, always the smallest possible.
pub(super) fn loadable(
    mut catalogue: Catalogue,
    mut heading: Heading,
    name: &str,
    findings: &mut Findings,
    grants: impl Fn(&Catalogue) -> Vec<(String, Vec<String>)>,
) -> Result<(String, String), Failure> {
    let mut rounds = 0_usize;
    loop {
        heading.grants = grants(&catalogue);
        let PolicyText { text, lines } = policy::write(&catalogue, &heading);
        let faults = match Policy::from_yaml(&text) {
            Ok(policy) => {
                unreachable_endpoints(&catalogue, policy, findings);
                return Ok((text, on_templates(&catalogue.endpoints)));
            }
            Err(faults) => faults,
        };
        let mut refused: BTreeMap<usize, String> = BTreeMap::new();
        for fault in &faults {
            let line = fault.position().line;
            let own = lines.iter().position(|lines| lines.contains(&line));
            if let Some(own) = own {
                refused
                    .entry(own)
                    .or_insert_with(|| fault.message().to_owned());
            }
        }
        rounds = rounds.saturating_add(1);
        if refused.is_empty() && !catalogue.base.is_empty() && rounds == 1 {
            catalogue = catalogue.whole();
            continue;
        }
        if refused.is_empty() || rounds > MOST_ROUNDS {
            return Err(Failure::Invalid {
                name: format!("the policy of {name}"),
                text: text.into_bytes().into(),
                faults,
            });
        }
        for (number, fault) in refused.into_iter().rev() {
            let endpoint = catalogue.endpoints.remove(number);
            let methods: Vec<&str> = endpoint
                .methods
                .keys()
                .map(|method| method.as_str())
                .collect();
            let text = format!("{} `{}`: {fault}", methods.join(", "), endpoint.template);
            findings.lost(&endpoint.place, text);
        }
    }
}

/// Names the endpoints that no request reaches, whatever the values are, because
/// the engine refuses paths that a server could take for a sibling.
fn unreachable_endpoints(catalogue: &Catalogue, policy: Policy, findings: &mut Findings) {
    let policy = Arc::new(policy);
    let Some(release) = policy.releases().next() else {
        return;
    };
    let Ok(engine) = Engine::new(Arc::clone(&policy), Deployment::new(release)) else {
        return;
    };
    for endpoint in &catalogue.endpoints {
        let Some(method) = endpoint.methods.keys().next() else {
            continue;
        };
        let spelled = endpoint.template.to_string();
        let reached = VALUES.iter().any(|value| {
            LENGTHS.iter().any(|length| {
                let path = catalogue.base.clone() + &sample(&endpoint.template, value, *length);
                let found = engine.entry(engine.endpoint(method.as_str(), &path));
                found.is_some_and(|entry| entry.template().to_string() == spelled)
            })
        });
        if !reached {
            let text = format!(
                "no request reaches `{spelled}`: some servers would take each of its paths for another endpoint"
            );
            findings.lost(&endpoint.place, text);
        }
    }
}

/// A path of a template, with a value for each parameter and as many for a
/// tail.
fn sample(template: &Template, value: &str, length: usize) -> String {
    let mut path = String::new();
    for piece in &template.pieces {
        path.push('/');
        match piece {
            Piece::Literal(text) => path.push_str(text),
            Piece::Parameter { before, behind, .. } => {
                path.push_str(before);
                path.push_str(value);
                path.push_str(behind);
            }
            Piece::Tail(_) => path.push_str(&vec![value; length].join("/")),
        }
    }
    if template.slash || template.pieces.is_empty() {
        path.push('/');
    }
    path
}
