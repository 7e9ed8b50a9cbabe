//! Sets of profiles in words that inheritance explains: `user and up`.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::audit::axes::Axes;
use crate::id::ProfileId;
use crate::policy::Policy;

use crate::audit::view::words;

/// Profiles by their places: `user and up`, or their names.
///
/// `user and up` is `user`, every profile that inherits from it in one or more
/// steps, and every profile that holds all privileges. It is used only for
/// exactly these.
pub fn profiles_and_up(axes: &Axes, policy: &Policy, places: &[usize]) -> String {
    if places.is_empty() {
        return "nobody".into();
    }
    if places.len() == 1 {
        return words::profiles(axes, places);
    }
    match lowest(axes, policy, places) {
        Some(lowest) => lowest.join(", "),
        None => words::profiles(axes, places),
    }
}

/// The lowest of the profiles, with `and up` where it applies. `None` if this
/// does not give exactly these profiles.
fn lowest(axes: &Axes, policy: &Policy, places: &[usize]) -> Option<Vec<String>> {
    let above: Vec<(usize, Vec<usize>)> = places
        .iter()
        .map(|place| (*place, up(axes, policy, *place)))
        .collect();
    let is_below = |one: &usize, other: &usize| {
        let own = above.iter().find(|(place, _)| place == one);
        own.is_some_and(|(_, all)| all.contains(other))
    };
    let is_lowest = |(place, _): &&(usize, Vec<usize>)| {
        let mut others = places.iter().filter(|other| *other != place);
        // Two profiles that hold everything are above each other.
        !others.any(|other| is_below(other, place) && !is_below(place, other))
    };
    let lowest: Vec<&(usize, Vec<usize>)> = above.iter().filter(is_lowest).collect();
    let mut covered: Vec<usize> = lowest.iter().flat_map(|(_, all)| all.clone()).collect();
    covered.sort_unstable();
    covered.dedup();
    let mut wanted = places.to_vec();
    wanted.sort_unstable();
    let is_shorter = lowest.len() < places.len();
    let name = |place: &usize| axes.profiles().get(*place).map_or("", ProfileId::as_str);
    let word = |(place, all): &&(usize, Vec<usize>)| {
        if all.len() > 1 {
            format!("{} and up", name(place))
        } else {
            name(place).into()
        }
    };
    (covered == wanted && is_shorter).then(|| lowest.iter().map(word).collect())
}

/// A profile of the axes, and all that are above it, ascending.
fn up(axes: &Axes, policy: &Policy, place: usize) -> Vec<usize> {
    let profiles = &policy.document().profiles;
    let Some(own) = axes.profiles().get(place) else {
        return Vec::new();
    };
    let mut above: Vec<&ProfileId> = Vec::from([own]);
    // A profile is added after those from which it inherits, whatever the order
    // of the document.
    loop {
        let next = profiles.iter().find(|(name, profile)| {
            let inherits = profile.inherits.iter().any(|other| above.contains(&other));
            (profile.all || inherits) && !above.contains(name)
        });
        match next {
            Some((name, _)) => above.push(name),
            None => break,
        }
    }
    let all = axes.profiles().iter().enumerate();
    all.filter(|(_, name)| above.contains(name))
        .map(|(place, _)| place)
        .collect()
}
