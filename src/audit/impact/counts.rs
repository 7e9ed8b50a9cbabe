//! How many users gain and lose: the first line of a report.

use alloc::vec::Vec;

use crate::audit::cell::Presentation;
use crate::audit::change::Effect;
use crate::audit::impact::access::AccessChange;
use crate::audit::impact::tenants::TenantChange;
use crate::audit::ways::Ways;

/// How many users gain and lose in one pair of deployments. A user can be in several
/// of the numbers.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct ImpactCounts {
    /// Those who gain an endpoint.
    pub gain_endpoint: usize,
    /// Those who lose an endpoint.
    pub lose_endpoint: usize,
    /// Those who gain a way to an endpoint that they reached before.
    pub gain_way: usize,
    /// Those who must stop using a presentation at some endpoint that they still
    /// reach. A presentation that nobody must stop using is not listed.
    pub stop_using: Vec<(Presentation, usize)>,
    /// Those who lose another way, such as without a tenant in the request.
    pub lose_way: usize,
    /// Those whose answers from some endpoint are confined less.
    pub further: usize,
    /// Those whose answers from some endpoint are confined more.
    pub less_far: usize,
    /// Those who reach a tenant that they did not reach before, or are no longer
    /// confined to tenants.
    pub gain_tenant: usize,
    /// Those who no longer reach a tenant, or are confined to tenants now.
    pub lose_tenant: usize,
}

impl ImpactCounts {
    /// Whether nobody gains and nobody loses.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Adds users who have these changes.
    pub(super) fn add(&mut self, endpoints: &[AccessChange], tenants: &TenantChange, users: usize) {
        let any = |is: &dyn Fn(&AccessChange) -> bool| {
            if endpoints.iter().any(is) { users } else { 0 }
        };
        self.gain_endpoint += any(&AccessChange::gains_endpoint);
        self.lose_endpoint += any(&AccessChange::loses_endpoint);
        self.gain_way += any(&|change| change.gained_ways().reaches());
        self.further += any(&|change| !change.further.is_empty());
        self.less_far += any(&|change| !change.less_far.is_empty());
        for presentation in Presentation::ALL {
            let users = any(&|change| stops_using(change, presentation));
            let mut stopped = self.stop_using.iter_mut();
            match stopped.find(|(own, _)| *own == presentation) {
                Some((_, count)) => *count += users,
                None if users > 0 => self.stop_using.push((presentation, users)),
                None => {}
            }
        }
        self.lose_way += any(&loses_another_way);
        let tenants = |effect| if tenants.has(effect) { users } else { 0 };
        self.gain_tenant += tenants(Effect::Widens);
        self.lose_tenant += tenants(Effect::Narrows);
    }
}

/// Whether the users must stop using a presentation at endpoints that they still
/// reach.
fn stops_using(change: &AccessChange, presentation: Presentation) -> bool {
    let lost = Ways::By(change.lost_ways().circumstances());
    lost.allows(presentation) && !change.after.allows(presentation)
}

/// Whether the users lose a way by a presentation that they may still use, or the
/// way without a credential.
fn loses_another_way(change: &AccessChange) -> bool {
    let lost = change.lost_ways();
    let mut all = Presentation::ALL.into_iter();
    lost == Ways::Public || all.any(|own| lost.allows(own) && !stops_using(change, own))
}
