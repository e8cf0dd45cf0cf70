//! Journeys under another version of the policy, but for the places at which instances stand: those are found by
//! [`crate::step::Stepper::migrate`].

use super::{Journeys, Origin, Past, WatchOf};
use crate::state::Carry;
use std::sync::Arc;

impl Journeys {
    pub(crate) fn carry(&self, carry: &Carry) -> Journeys {
        let mut carried = self.clone();
        for instance in &mut carried.instances {
            instance.origin = Arc::new(instance.origin.carry(carry));
        }
        if let Some(Past { goals, exposed, .. }) = carried.past.as_deref_mut() {
            goals.retain_mut(|watch| match &mut watch.of {
                WatchOf::Journey(_, origin) => {
                    *origin = Arc::new(origin.carry(carry));
                    true
                }
                WatchOf::Experiment(experiment, arm) => match carry.arm(*experiment, *arm) {
                    Some(new) => {
                        (*experiment, *arm) = new;
                        true
                    }
                    None => false,
                },
            });
            *exposed = exposed.iter().filter_map(|id| carry.experiment(*id)).collect();
        }
        carried
    }
}

impl Origin {
    pub(crate) fn carry(&self, carry: &Carry) -> Origin {
        Origin { cause: carry.origin(&self.cause), ..self.clone() }
    }
}
