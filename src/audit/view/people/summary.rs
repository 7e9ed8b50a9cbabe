//! The first lines of an impact: how many users gain and lose.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::audit::cell::Presentation;
use crate::audit::impact::{Impact, ImpactCounts};
use crate::audit::view::words;

/// How many users gain and lose in each compared deployment, those with the same
/// numbers together.
pub fn counts(impact: &Impact, deployments: usize) -> Vec<(Vec<usize>, ImpactCounts)> {
    let mut all: Vec<(Vec<usize>, ImpactCounts)> = Vec::new();
    for deployment in 0..deployments {
        let counts = impact.counts(deployment);
        match all.iter_mut().find(|(_, other)| *other == counts) {
            Some((deployments, _)) => deployments.push(deployment),
            None => all.push((Vec::from([deployment]), counts)),
        }
    }
    all
}

/// The numbers in words: `12 of 16 users gain an endpoint, nobody loses an endpoint,
/// 13 keep endpoints but no longer by Basic`.
pub fn summary(counts: &ImpactCounts, users: usize) -> String {
    if counts.is_empty() {
        return "nobody gains or loses anything".to_string();
    }
    let mut parts = Parts {
        users,
        all: Vec::new(),
    };
    parts.add_or_nobody(counts.gain_endpoint, "gain", "gains", " an endpoint");
    parts.add_or_nobody(counts.lose_endpoint, "lose", "loses", " an endpoint");
    for (presentation, count) in &counts.stop_using {
        let what = format!(" endpoints but no longer by {}", name(*presentation));
        parts.add(*count, "keep", "keeps", &what);
    }
    parts.add(counts.gain_way, "gain", "gains", " a way");
    parts.add(counts.lose_way, "lose", "loses", " another way");
    parts.add(counts.further, "reach", "reaches", " further");
    parts.add(counts.less_far, "reach", "reaches", " less far");
    parts.add(counts.gain_tenant, "reach", "reaches", " more tenants");
    parts.add(counts.lose_tenant, "reach", "reaches", " fewer tenants");
    parts.all.join(", ")
}

/// Parts of a sentence. The first number says of how many users.
struct Parts {
    users: usize,
    all: Vec<String>,
}

impl Parts {
    fn add_or_nobody(&mut self, count: usize, many: &str, one: &str, what: &str) {
        if count == 0 {
            self.all.push(format!("nobody {one}{what}"));
        }
        self.add(count, many, one, what);
    }

    fn add(&mut self, count: usize, many: &str, one: &str, what: &str) {
        let is_first = self.all.iter().all(|part| part.starts_with("nobody"));
        let verb = if count == 1 { one } else { many };
        let part = match (count, is_first, self.users) {
            (0, ..) => return,
            (_, false, _) => format!("{count} {verb}{what}"),
            (_, true, 1) => format!("1 of 1 user {verb}{what}"),
            (_, true, users) => format!("{count} of {users} users {verb}{what}"),
        };
        self.all.push(part);
    }
}

/// What people call a presentation.
fn name(presentation: Presentation) -> &'static str {
    match presentation {
        Presentation::KeyByBasic => "Basic",
        Presentation::Token | Presentation::KeyByBearer | Presentation::TokenByBasic => {
            words::presentation(presentation)
        }
    }
}
