//! One test on one engine: its statements from the top, on a virtual clock.

use super::expect::expect;
use super::tell::instant;
use super::values::value;
use super::why::explain;
use super::{Failure, Happened};
use crate::effect::{Effect, EffectKind, Outcome};
use crate::explain::Sources;
use crate::intake::{Event, Kind};
use crate::moment::Assigned;
use crate::policy::Policy;
use crate::profile::{Grant, Profile, Withdrawal};
use crate::step::{Stepper, Taken};
use crate::zone::{DAY, HOUR};
use comity_compiler::builtin;
use comity_compiler::checked::{Constant, Given, Location, Test, TestEvent, TestKind};
use comity_compiler::ids::*;
use comity_compiler::value::Value;
use smol_str::{SmolStr, format_smolstr};
use std::sync::Arc;

/// A test that says no `at` begins on monday, 2026-01-05, at noon: days since 1970-01-01 and µs of the day.
const BEGINNING: (i64, i64) = (20_458, 12 * HOUR);
/// The customer of a test that names none.
const NOBODY: &str = "customer";
/// A clock that is further than this from 1970, µs, has been moved without end: ten thousand years.
const END: i64 = 3_652_425 * DAY;

/// What came of a test on one engine.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Story {
    pub(super) failures: Vec<Failure>,
    pub(super) log: Vec<Happened>,
}

/// A story while it is told.
pub(super) struct Teller<'t> {
    pub(super) stepper: &'t mut Stepper,
    pub(super) policy: Arc<Policy>,
    pub(super) profile: Profile,
    pub(super) story: Story,
    /// `None` until something happens.
    clock: Option<i64>,
    /// Position of the statement.
    statement: usize,
    /// How many steps there were.
    order: u64,
    /// What the last `decide` showed.
    pub(super) shown: Vec<MessageId>,
}

impl Story {
    /// With sources, expectations that aren't met are explained; the stepper watches their messages.
    pub(super) fn run(stepper: &mut Stepper, test: &Test, sources: Option<&Sources<'_>>) -> Story {
        let policy = Arc::clone(stepper.policy());
        stepper.assign(Some(assigned(test)));
        let subject = test.statements.iter().find_map(|statement| match &statement.kind {
            TestKind::Subject(id) => Some(id.clone()),
            _ => None,
        });
        let subject = subject.unwrap_or_else(|| SmolStr::new_static(NOBODY));
        let mut teller = Teller {
            profile: Profile::new(&policy, subject),
            stepper,
            policy,
            story: Story::default(),
            clock: None,
            statement: 0,
            order: 0,
            shown: Vec::new(),
        };
        for (position, statement) in test.statements.iter().enumerate() {
            teller.statement = position;
            teller.take(&statement.kind, statement.at, sources);
        }
        teller.story
    }
}

/// Who the customer of a test is, wherever it is said.
fn assigned(test: &Test) -> Assigned {
    let mut assigned = Assigned::default();
    for statement in &test.statements {
        match statement.kind {
            TestKind::Holdout(id) => assigned.holdouts.push(id),
            TestKind::Arm(experiment, arm) => assigned.arms.push((experiment, arm)),
            _ => {}
        }
    }
    assigned
}

impl Teller<'_> {
    fn take(&mut self, kind: &TestKind, at: Location, sources: Option<&Sources<'_>>) {
        match kind {
            TestKind::Subject(_) | TestKind::Holdout(_) | TestKind::Arm(..) => {}
            TestKind::Profile(values) => {
                let attributes = self.attributes(values);
                if self.clock.is_some() {
                    self.happen(Kind::Identify(attributes), at);
                } else {
                    let policy = Arc::clone(&self.policy);
                    for (attribute, value) in attributes {
                        self.profile.set_attribute(&policy, attribute, value, i64::MIN);
                    }
                }
            }
            TestKind::Consent { purpose, channels, confirmed } => {
                for channel in each(channels) {
                    self.consent(*purpose, channel, *confirmed, at);
                }
            }
            TestKind::Withdraw { purpose, channels } => {
                for channel in each(channels) {
                    self.withdraw(*purpose, channel, at);
                }
            }
            TestKind::At { date, time } => {
                let at = self.profile.zone.first(*date, *time);
                self.move_to(at);
            }
            TestKind::After(span) => {
                let from = self.now();
                self.move_to(from.saturating_add(*span));
            }
            TestKind::Event(event) => {
                if let Some(kind) = self.event(event) {
                    self.happen(kind, at);
                }
            }
            TestKind::Decide(placement) => self.decide(*placement),
            TestKind::Expect(expectation) => {
                if let Some((expected, found)) = expect(self, expectation) {
                    let why = sources.map(|sources| explain(self, expectation, sources));
                    let why = why.unwrap_or_default();
                    self.story.failures.push(Failure { at, expected, found, why });
                }
            }
        }
    }

    /// The virtual clock; the first look at it starts it.
    pub(super) fn now(&mut self) -> i64 {
        match self.clock {
            Some(now) => now,
            None => {
                let (date, time) = BEGINNING;
                let now = self.profile.zone.first(date, time);
                self.move_to(now);
                now
            }
        }
    }

    /// Moves the clock; everything that is due up to then happens.
    fn move_to(&mut self, to: i64) {
        let to = to.clamp(-END, END);
        if self.clock.is_none() {
            self.stepper.import(&mut self.profile, to);
        }
        let to = self.clock.map_or(to, |clock| clock.max(to));
        self.clock = Some(to);
        while self.profile.due() <= to {
            let due = self.profile.due();
            self.step(|teller, order, effects| {
                teller.stepper.timers(&mut teller.profile, due, order, effects);
            });
        }
        self.profile.timers_done = to;
    }

    /// One step of the customer; notes what it brought about.
    fn step(&mut self, step: impl FnOnce(&mut Self, u64, &mut Vec<Effect>)) {
        self.order += 1;
        let mut effects = Vec::new();
        step(self, self.order, &mut effects);
        for effect in effects {
            let when = instant(self.profile.zone, effect.time);
            self.story.log.push(Happened { statement: self.statement, when, effect });
        }
    }

    /// An event at the present instant.
    fn happen(&mut self, kind: Kind, at: Location) {
        let time = self.now();
        let id = format_smolstr!("e{}", self.order + 1);
        let subject = self.profile.subject.clone();
        let mut event = Event { id, subject, time, kind, unknown_fields: 0 };
        let mut taken = Taken::Accepted;
        self.step(|teller, order, effects| {
            taken = teller.stepper.event(&mut teller.profile, &mut event, order, None, effects);
        });
        if let Taken::Rejected(reason) = taken {
            let expected = "the event happens".to_owned();
            self.story.failures.push(Failure {
                at,
                expected,
                found: format!("it is rejected: {reason}"),
                why: Vec::new(),
            });
        }
        // What the event made due at this very instant.
        self.move_to(time);
    }

    pub(super) fn was_sent(&self, message: MessageId) -> bool {
        self.story.log.iter().any(|one| match &one.effect.kind {
            EffectKind::Message(decided) => decided.message == message && decided.outcome == Outcome::Sent,
            _ => false,
        })
    }

    fn decide(&mut self, placement: PlacementId) {
        let now = self.now();
        let before = self.story.log.len();
        self.step(|teller, order, effects| {
            teller.stepper.decide(&mut teller.profile, placement, now, order, effects);
        });
        let shown = self.story.log[before..].iter().filter_map(|one| match &one.effect.kind {
            EffectKind::Message(decided)
                if decided.outcome == Outcome::Shown && decided.placement == Some(placement) =>
            {
                Some(decided.message)
            }
            _ => None,
        });
        self.shown = shown.collect();
        self.move_to(now);
    }

    fn consent(&mut self, purpose: PurposeId, channel: Option<ChannelId>, confirmed: bool, at: Location) {
        if self.clock.is_some() {
            let granted = Kind::ConsentGranted { purpose, channel, source: None, confirmed, receipt: None };
            return self.happen(granted, at);
        }
        let (receipt, time) = self.before();
        self.profile.ledger.grant(Grant { receipt, purpose, channel, time, source: None, confirmed });
    }

    fn withdraw(&mut self, purpose: PurposeId, channel: Option<ChannelId>, at: Location) {
        let purpose = Some(purpose);
        if self.clock.is_some() {
            return self.happen(Kind::ConsentWithdrawn { purpose, channel, source: None }, at);
        }
        let (_, time) = self.before();
        self.profile.ledger.withdraw(Withdrawal { purpose, channel, time });
    }

    /// A receipt and an instant before all that happens; each is later than those before it.
    fn before(&mut self) -> (SmolStr, i64) {
        self.order += 1;
        (format_smolstr!("consent-{}", self.order), i64::MIN.saturating_add(self.order.cast_signed()))
    }

    fn attributes(&self, values: &[(AttributeId, Given)]) -> Vec<(AttributeId, Option<Value>)> {
        let ty = |id: &AttributeId| self.policy.plan.attributes[id.index()].ty;
        values.iter().map(|(id, given)| (*id, Some(value(&self.policy, given, ty(id))))).collect()
    }

    /// What an event is to the runtime.
    fn event(&mut self, event: &TestEvent) -> Option<Kind> {
        let given =
            |position: u32| event.fields.iter().find(|(at, _)| *at == position).map(|(_, given)| given);
        let constant = |position: u32| match given(position) {
            Some(Given::One(constant)) => Some(constant),
            _ => None,
        };
        let channel = |position: u32| match constant(position) {
            Some(Constant::Channel(id)) => Some(*id),
            _ => None,
        };
        let purpose = match constant(0) {
            Some(Constant::Purpose(id)) => Some(*id),
            _ => None,
        };
        let text = |position: u32| match constant(position) {
            Some(Constant::Text(text)) => Some(text.clone()),
            _ => None,
        };
        Some(match event.event {
            builtin::IDENTIFY => Kind::Identify(self.attributes(&event.attributes)),
            builtin::CONSENT_GRANTED => Kind::ConsentGranted {
                purpose: purpose?,
                channel: channel(1),
                source: given(2)
                    .map(|source| value(&self.policy, source, comity_compiler::types::Type::Text)),
                confirmed: constant(3) == Some(&Constant::Bool(true)),
                receipt: None,
            },
            builtin::CONSENT_WITHDRAWN => Kind::ConsentWithdrawn {
                purpose,
                channel: channel(1),
                source: given(2)
                    .map(|source| value(&self.policy, source, comity_compiler::types::Type::Text)),
            },
            builtin::MERGE => Kind::Merge { from: text(0)? },
            kind if builtin::is_delivery(kind) => {
                let message = event.message.or(match constant(0) {
                    Some(Constant::Message(id)) => Some(*id),
                    _ => None,
                });
                self.delivery(kind, message, channel(1), text(2))
            }
            event => {
                let declared = &self.policy.plan.events[event.index()].fields;
                let fields = (0..).zip(declared);
                let fields = fields.map(|(at, field)| Some(value(&self.policy, given(at)?, field.ty)));
                Kind::Known { event, fields: fields.collect() }
            }
        })
    }

    /// A report on a message: on its latest send, else as if it had been sent on the first of its channels.
    fn delivery(
        &self,
        event: EventId,
        message: Option<MessageId>,
        channel: Option<ChannelId>,
        send: Option<SmolStr>,
    ) -> Kind {
        let declared = message.map(|message| &self.policy.plan.messages[message.index()]);
        let latest = message.and_then(|message| self.profile.sends.latest(message, channel));
        let routes = declared.and_then(|declared| {
            let route = declared.routes.first();
            route.or_else(|| declared.displays.first().map(|display| &display.route))
        });
        let channel = channel.or(latest.map(|send| send.channel)).or(routes.map(|route| route.channel));
        Kind::Delivery { event, send, message, channel }
    }
}

/// Each channel, or all of them at once where none is named.
fn each(channels: &[ChannelId]) -> Vec<Option<ChannelId>> {
    if channels.is_empty() { vec![None] } else { channels.iter().copied().map(Some).collect() }
}
