//! The consent ledger of one customer (reference §8.1).
//!
//! Grants and withdrawals are kept as they were given; what they allow is worked out when it is asked, from the
//! latest of them by event time, at a tie the withdrawal. A grant for a channel with an address belongs to the
//! address that was known when it was given, so the ledger also keeps when the customer had which address.

use comity_compiler::ids::{AttributeId, ChannelId, PurposeId};
use comity_compiler::plan::{ChannelKind, ConsentMode};
use comity_compiler::value::Value;
use smol_str::SmolStr;

/// What the customer agreed to and withdrew.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    pub(super) grants: Vec<Grant>,
    pub(super) withdrawals: Vec<Withdrawal>,
    pub(super) addresses: Vec<Address>,
    /// What names things that the policy doesn't have, though an earlier version had them.
    pub(super) unplaced: Vec<Unplaced>,
}

/// A receipt.
#[derive(Clone, Debug, PartialEq)]
pub struct Grant {
    /// Given with the grant, or the event's id.
    pub receipt: SmolStr,
    /// What for.
    pub purpose: PurposeId,
    /// `None`: all channels.
    pub channel: Option<ChannelId>,
    /// µs
    pub time: i64,
    /// Where it was given.
    pub source: Option<Value>,
    /// Whether a second step has confirmed it.
    pub confirmed: bool,
}

/// A withdrawal.
#[derive(Clone, Debug, PartialEq)]
pub struct Withdrawal {
    /// `None`: all purposes.
    pub purpose: Option<PurposeId>,
    /// `None`: all channels.
    pub channel: Option<ChannelId>,
    /// µs
    pub time: i64,
}

/// From when on an address attribute had which value.
#[derive(Clone, Debug)]
pub(super) struct Address {
    pub(super) attribute: AttributeId,
    pub(super) from: i64,
    pub(super) value: Option<SmolStr>,
}

/// An entry whose purpose, channel or attribute the policy has no more. It may have it again.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Unplaced {
    Grant {
        receipt: SmolStr,
        purpose: SmolStr,
        channel: Option<SmolStr>,
        /// The attribute that was the channel's address.
        address: Option<SmolStr>,
        time: i64,
        source: Option<SmolStr>,
        confirmed: bool,
    },
    Withdrawal {
        purpose: Option<SmolStr>,
        channel: Option<SmolStr>,
        time: i64,
    },
    Address {
        attribute: SmolStr,
        from: i64,
        value: Option<SmolStr>,
    },
}

/// What a rule of a purpose found in the ledger.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict<'a> {
    /// Allowed; by this receipt where the mode asks for a grant.
    Allowed(Option<&'a Grant>),
    /// Not allowed.
    Refused,
}

impl Ledger {
    /// Enters a grant.
    pub fn grant(&mut self, grant: Grant) {
        let at = self.grants.partition_point(|other| other.time <= grant.time);
        self.grants.insert(at, grant);
    }

    /// Enters a withdrawal.
    pub fn withdraw(&mut self, withdrawal: Withdrawal) {
        if !self.withdrawals.contains(&withdrawal) {
            self.withdrawals.push(withdrawal);
        }
    }

    /// Enters that an address attribute has this value from then on.
    pub fn address(&mut self, attribute: AttributeId, from: i64, value: Option<SmolStr>) {
        let at = self.addresses.partition_point(|other| other.from <= from);
        self.addresses.insert(at, Address { attribute, from, value });
    }

    /// Whether an address is another than the one known at that time.
    pub fn address_changes(&self, attribute: AttributeId, time: i64, value: Option<&str>) -> bool {
        self.address_at(attribute, time) != value
    }

    /// What a mode says of a purpose on a channel; for a channel with an address, `current` is its value now.
    pub fn verdict(
        &self,
        mode: ConsentMode,
        purpose: PurposeId,
        channel: ChannelId,
        kind: ChannelKind,
        current: Option<&str>,
    ) -> Verdict<'_> {
        let confirmed = match mode {
            ConsentMode::Always => return Verdict::Allowed(None),
            ConsentMode::Never => return Verdict::Refused,
            ConsentMode::OptIn | ConsentMode::OptOut => false,
            ConsentMode::DoubleOptIn => true,
        };
        let withdrawn = self
            .withdrawals
            .iter()
            .filter(|w| w.purpose.is_none_or(|p| p == purpose) && w.channel.is_none_or(|c| c == channel))
            .map(|w| w.time)
            .max();
        let granted = self.grants.iter().rev().find(|grant| {
            grant.purpose == purpose
                && grant.channel.is_none_or(|c| c == channel)
                && (grant.confirmed || !confirmed)
                && self.binds(grant, kind, current)
        });
        let stands = granted.filter(|grant| withdrawn.is_none_or(|time| grant.time > time));
        match (mode, stands) {
            (ConsentMode::OptOut, stands) if stands.is_some() || withdrawn.is_none() => {
                Verdict::Allowed(None)
            }
            (ConsentMode::OptOut, _) | (_, None) => Verdict::Refused,
            (_, Some(grant)) => Verdict::Allowed(Some(grant)),
        }
    }

    /// Whether a grant was given for the address that the channel has now.
    fn binds(&self, grant: &Grant, kind: ChannelKind, current: Option<&str>) -> bool {
        let ChannelKind::Address(attribute) = kind else { return true };
        let then = self.address_at(attribute, grant.time);
        if then == current {
            return true;
        }
        let Some(current) = current else { return false };
        let first_learned = self
            .addresses
            .iter()
            .find(|a| a.attribute == attribute && a.value.as_deref() == Some(current))
            .map(|a| a.from);
        // One without a channel binds what is learned later too; one that was given before any address was known
        // is for the first that is learned.
        match (grant.channel, then) {
            (None, _) => first_learned.is_some_and(|time| time > grant.time),
            (Some(_), None) => self.next_address(attribute, grant.time) == Some(current),
            (Some(_), Some(_)) => false,
        }
    }

    fn address_at(&self, attribute: AttributeId, time: i64) -> Option<&str> {
        let known = self.addresses.iter().rev().find(|a| a.attribute == attribute && a.from <= time);
        known.and_then(|address| address.value.as_deref())
    }

    fn next_address(&self, attribute: AttributeId, time: i64) -> Option<&str> {
        let mut later = self.addresses.iter().filter(|a| a.attribute == attribute && a.from > time);
        later.find_map(|address| address.value.as_deref())
    }

    /// Takes over what another customer, who turned out to be this one, agreed to and withdrew.
    pub fn merge(&mut self, other: Ledger) {
        other.grants.into_iter().for_each(|grant| self.grant(grant));
        other.withdrawals.into_iter().for_each(|withdrawal| self.withdraw(withdrawal));
        for Address { attribute, from, value } in other.addresses {
            self.address(attribute, from, value);
        }
        self.unplaced.extend(other.unplaced);
    }

    /// All receipts, by time.
    pub fn grants(&self) -> &[Grant] {
        &self.grants
    }

    /// All withdrawals, as they came.
    pub fn withdrawals(&self) -> &[Withdrawal] {
        &self.withdrawals
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMAIL: ChannelId = ChannelId(0);
    const PUSH: ChannelId = ChannelId(1);
    const MARKETING: PurposeId = PurposeId(0);
    const ADDRESS: AttributeId = AttributeId(3);

    fn grant(channel: Option<ChannelId>, time: i64, confirmed: bool) -> Grant {
        let receipt = SmolStr::new(format!("r{time}"));
        Grant { receipt, purpose: MARKETING, channel, time, source: None, confirmed }
    }

    fn withdrawal(purpose: Option<PurposeId>, channel: Option<ChannelId>, time: i64) -> Withdrawal {
        Withdrawal { purpose, channel, time }
    }

    fn allowed(ledger: &Ledger, mode: ConsentMode, current: Option<&str>) -> bool {
        ledger.verdict(mode, MARKETING, EMAIL, ChannelKind::Address(ADDRESS), current) != Verdict::Refused
    }

    #[test]
    fn the_latest_decides_and_a_withdrawal_wins_a_tie() {
        let mut ledger = Ledger::default();
        ledger.address(ADDRESS, 0, Some("a".into()));
        assert!(!allowed(&ledger, ConsentMode::OptIn, Some("a")));
        assert!(allowed(&ledger, ConsentMode::OptOut, Some("a")));
        ledger.grant(grant(Some(EMAIL), 10, false));
        assert!(allowed(&ledger, ConsentMode::OptIn, Some("a")));
        ledger.withdraw(withdrawal(Some(MARKETING), Some(EMAIL), 10));
        assert!(!allowed(&ledger, ConsentMode::OptIn, Some("a")));
        assert!(!allowed(&ledger, ConsentMode::OptOut, Some("a")));
        ledger.grant(grant(Some(EMAIL), 11, false));
        assert!(allowed(&ledger, ConsentMode::OptIn, Some("a")));
        assert!(allowed(&ledger, ConsentMode::OptOut, Some("a")));
        // A late withdrawal enters at its own time, and changes nothing that came after it.
        ledger.withdraw(withdrawal(None, None, 5));
        assert!(allowed(&ledger, ConsentMode::OptIn, Some("a")));
        ledger.withdraw(withdrawal(None, None, 12));
        assert!(!allowed(&ledger, ConsentMode::OptIn, Some("a")));
    }

    #[test]
    fn a_request_is_not_a_confirmation_and_does_not_undo_one() {
        let mut ledger = Ledger::default();
        ledger.address(ADDRESS, 0, Some("a".into()));
        ledger.grant(grant(Some(EMAIL), 1, false));
        assert!(!allowed(&ledger, ConsentMode::DoubleOptIn, Some("a")));
        ledger.grant(grant(Some(EMAIL), 2, true));
        ledger.grant(grant(Some(EMAIL), 3, false));
        let verdict = ledger.verdict(
            ConsentMode::DoubleOptIn,
            MARKETING,
            EMAIL,
            ChannelKind::Address(ADDRESS),
            Some("a"),
        );
        assert!(matches!(verdict, Verdict::Allowed(Some(grant)) if grant.receipt == "r2"));
    }

    #[test]
    fn a_new_address_starts_without_a_grant_and_an_old_one_gets_its_own_back() {
        let mut ledger = Ledger::default();
        ledger.address(ADDRESS, 0, Some("a".into()));
        ledger.grant(grant(Some(EMAIL), 10, false));
        ledger.address(ADDRESS, 20, Some("b".into()));
        assert!(!allowed(&ledger, ConsentMode::OptIn, Some("b")));
        ledger.address(ADDRESS, 30, Some("a".into()));
        assert!(allowed(&ledger, ConsentMode::OptIn, Some("a")));
        // A withdrawal binds the customer, whatever the address was.
        ledger.address(ADDRESS, 40, Some("b".into()));
        ledger.withdraw(withdrawal(Some(MARKETING), None, 50));
        assert!(!allowed(&ledger, ConsentMode::OptIn, Some("a")));
    }

    #[test]
    fn a_grant_without_a_channel_binds_addresses_learned_later() {
        let mut ledger = Ledger::default();
        ledger.address(ADDRESS, 0, Some("old".into()));
        ledger.address(ADDRESS, 5, Some("a".into()));
        ledger.grant(grant(None, 10, false));
        ledger.address(ADDRESS, 20, Some("b".into()));
        assert!(allowed(&ledger, ConsentMode::OptIn, Some("a")));
        assert!(allowed(&ledger, ConsentMode::OptIn, Some("b")));
        assert!(!allowed(&ledger, ConsentMode::OptIn, Some("old")));
    }

    #[test]
    fn a_grant_before_any_address_is_for_the_first_one() {
        let mut ledger = Ledger::default();
        ledger.grant(grant(Some(EMAIL), 10, false));
        assert!(allowed(&ledger, ConsentMode::OptIn, None));
        ledger.address(ADDRESS, 20, Some("a".into()));
        assert!(allowed(&ledger, ConsentMode::OptIn, Some("a")));
        ledger.address(ADDRESS, 30, Some("b".into()));
        assert!(!allowed(&ledger, ConsentMode::OptIn, Some("b")));
    }

    #[test]
    fn a_device_and_other_channels() {
        let mut ledger = Ledger::default();
        ledger.grant(grant(Some(PUSH), 10, false));
        let device = ChannelKind::Device(ADDRESS);
        let on = |channel| ledger.verdict(ConsentMode::OptIn, MARKETING, channel, device, Some("t"));
        assert!(matches!(on(PUSH), Verdict::Allowed(Some(_))));
        assert_eq!(on(EMAIL), Verdict::Refused);
        let other = ledger.verdict(ConsentMode::OptIn, PurposeId(1), PUSH, device, Some("t"));
        assert_eq!(other, Verdict::Refused);
    }
}
