//! Any bytes as a policy: where it loads, the engine decides as the reference
//! does, with requests from all over its space.

use portcullis::Policy;

use super::comparison::{Comparison, Engines};
use super::reference::hostile;
use super::reference::space::Space;
use super::reference::world::World;

/// Two tenants, a group of them and an empty one; users of every scope.
const DIRECTORY: &str = include_str!("seeds/directory/small.yaml");

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
    let stride = (space.len() / 200).max(1) | 1;
    for number in (start % stride..space.len()).step_by(stride) {
        let _ = comparison.compare(&space.request(number));
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
