//! Any bytes as a policy: where it loads, the engine decides as the reference
//! does, with requests from all over its space.

use portcullis::Policy;

use super::comparison::{Comparison, Engines};
use super::reference::hostile;
use super::reference::request::Request;
use super::reference::space::Space;
use super::reference::standing::{crossed, one_of_each_outcome};
use super::reference::world::World;

/// Two tenants, a group of them and an empty one; users of every scope.
const DIRECTORY: &str = include_str!("seeds/directory/small.yaml");

/// Whether a local account presents a token, or a key by Basic.
fn asks_the_policy(request: &Request) -> bool {
    let credential = &request.credential;
    let is_key_by_bearer = credential.technique.as_deref() == Some("bearer");
    request.principal.account == "local" && !is_key_by_bearer
}

/// Checks one policy.
pub fn check(bytes: &[u8]) {
    let Some(text) = std::str::from_utf8(bytes)
        .ok()
        .filter(|text| Policy::from_yaml(text).is_ok())
    else {
        return;
    };
    let world = World::from_yaml(text, DIRECTORY);
    let engines = Engines::of(text, &world);
    let mut comparison = Comparison::new(&world, &engines);
    let space = Space::of(&world);
    // Any number from the input will do, as long as it differs with it.
    let start = bytes.iter().map(|byte| usize::from(*byte)).sum::<usize>();
    // A stride without a factor in common with the space meets every axis.
    let stride = (space.len() / 1_000).max(1) | 1;
    let requests = (start % stride..space.len())
        .step_by(stride)
        .map(|number| space.request(number));
    let mut decided = Vec::new();
    for (number, request) in requests.enumerate() {
        // What is refused before the policy is asked need not be asked as often.
        if number % 16 == 0 || asks_the_policy(&request) {
            let outcome = comparison.compare(&request);
            decided.push((request, outcome));
        }
    }
    let cells = one_of_each_outcome(decided.into_iter());
    for request in crossed(&cells).skip(start % 61).step_by(307).take(100) {
        let _ = comparison.compare(&request);
    }
    for request in hostile::requests(&world)
        .skip(start % 97)
        .step_by(211)
        .take(100)
    {
        let _ = comparison.compare(&request);
    }
    comparison.assert_equal(1);
}
