//! What a line of a profiles file makes known of a customer.

use super::{Grant, Profile, Withdrawal};
use crate::intake::{ConsentLine, ProfileLine};
use crate::policy::Policy;
use comity_compiler::ids::AttributeId;
use smallvec::SmallVec;
use smol_str::{SmolStr, format_smolstr};

impl Profile {
    /// A customer of whom nothing is known but what a line says.
    pub fn imported(policy: &Policy, line: ProfileLine) -> Profile {
        let ProfileLine { subject, attributes, consents, .. } = line;
        let given = policy.addresses.iter().filter(|id| attributes.gives(**id));
        let mut addresses: SmallVec<[AttributeId; 4]> = given.copied().collect();
        addresses.sort_unstable();
        let mut profile = match attributes.into_record() {
            Ok(record) => Profile::with(policy, subject, record),
            Err(attributes) => {
                let mut profile = Profile::new(policy, subject.clone());
                let line = ProfileLine { subject, attributes, consents, ..ProfileLine::default() };
                profile.import(policy, line);
                return profile;
            }
        };
        for id in addresses {
            let text = profile.attribute_text(policy, id).map(SmolStr::new);
            profile.ledger.address(id, i64::MIN, text);
        }
        profile.follow_zone(policy);
        for (at, consent) in consents.into_iter().enumerate() {
            profile.import_consent(consent, at);
        }
        profile
    }

    /// Takes in what a line says of the customer, as of before all time but for consents that have one of their own. A later
    /// line adds to those before.
    pub fn import(&mut self, policy: &Policy, line: ProfileLine) {
        for (attribute, value) in line.attributes {
            self.set_attribute(policy, attribute, value, i64::MIN);
        }
        for (at, consent) in line.consents.into_iter().enumerate() {
            self.import_consent(consent, at);
        }
    }

    /// Takes in one of a line's consents, with its place among them, from 0.
    pub(crate) fn import_consent(&mut self, consent: ConsentLine, at: usize) {
        let time = consent.time.unwrap_or(i64::MIN);
        match (consent.withdrawn, consent.purpose) {
            (false, Some(purpose)) => self.ledger.grant(Grant {
                receipt: consent.receipt.unwrap_or_else(|| format_smolstr!("imported-{}", at + 1)),
                purpose,
                channel: consent.channel,
                time,
                source: consent.source,
                confirmed: consent.confirmed,
            }),
            (_, purpose) => self.ledger.withdraw(Withdrawal { purpose, channel: consent.channel, time }),
        }
    }
}
