//! A random directory for a world: users of every scope, keys in every state.

use std::fmt::Write as _;

use super::World;
use super::dice::Dice;

/// The instant at which the keys of a directory are meant to be judged.
pub const NOW: u64 = 1_764_000_000;

/// The document of a directory whose users have the world's profiles.
pub fn directory(world: &World, seed: u64, users: usize) -> String {
    let mut dice = Dice::new(seed ^ 0xd12);
    let mut text = String::from("version: 1\ntenants: [alpha, beta, gamma, delta]\n");
    // `alpha` stands in two of the groups, `beta` in three, `gamma` in one, and
    // `delta` in none; each group has a tenant that is foreign to it.
    text += "groups: { one: [alpha, beta], two: [beta], three: [gamma, beta, alpha], empty: [] }\nusers:\n";
    let profiles = world.profile_names();
    for user in 0..users.max(1) {
        let scope = match dice.below(6) {
            0 => "scope: root".to_string(),
            1 | 2 => format!(
                "scope: partner, group: {}",
                dice.one(&["one", "two", "three"])
            ),
            3 => "scope: partner, group: empty".to_string(),
            _ => format!(
                "scope: tenant, tenant: {}",
                dice.one(&["alpha", "beta", "gamma", "delta"])
            ),
        };
        let account = if dice.chance(10) { "sso" } else { "local" };
        let (profile, enabled) = (dice.one(&profiles), !dice.chance(10));
        writeln!(
            text,
            "  u{user}: {{ {scope}, profile: {profile}, account: {account}, enabled: {enabled} }}"
        )
        .unwrap();
    }
    text += "keys:\n";
    for key in 0..users.max(1) * 2 {
        let owner = dice.below(users.max(1));
        let kind = if dice.chance(30) { "legacy" } else { "scoped" };
        let created_at = if dice.chance(10) {
            NOW + 1
        } else {
            1_700_000_000
        };
        let end = match dice.below(10) {
            0 => format!(", revoked_at: {}", NOW - 1),
            1 => format!(", expires_at: {NOW}"),
            _ => String::new(),
        };
        writeln!(text, "  k{key}: {{ owner: u{owner}, name: key, kind: {kind}, created_at: {created_at}{end} }}").unwrap();
    }
    text
}
