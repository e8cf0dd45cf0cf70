//! From the plan to what is looked at of each customer.

use super::Target;
use crate::moment::Moment;
use crate::policy::Policy;
use crate::profile::Profile;
use comity_compiler::engine::slots_of;
use comity_compiler::ids::*;
use comity_compiler::index::columns::{Literal, Test, key, of_condition, of_guard};
use comity_compiler::plan::*;
use comity_compiler::types::Type;
use comity_compiler::value::Value;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

/// What is looked at of each customer: leaves, clauses over them, and conjunctions of these.
pub(crate) struct Sieve {
    pub(super) feeds: Vec<Feed>,
    pub(super) tests: Vec<(u32, Test)>,
    pub(super) asked: Vec<Asked>,
    pub(super) clauses: Vec<Clause>,
    /// In the order of the targets.
    pub(super) wholes: Vec<Whole>,
    /// The attributes that are needed, ascending.
    pub(super) columns: Vec<Wanted>,
    pub(super) asks_for_consents: bool,
}

/// Something that can be said of a whole column of customers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Feed {
    Attribute(AttributeId),
    LocalDate,
    LocalTime,
    LocalHour,
    LocalWeekday,
    LocalMonth,
    LocalDay,
    Reachable(ChannelId),
    /// The customer's place under a salt, as the key of a double.
    Bucket(SmolStr),
    Arm(ExperimentId),
}

/// What is asked customer by customer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Asked {
    Condition(Literal),
    Consent(PurposeId, ChannelId),
}

/// One of these must hold.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Clause {
    /// Positions among the tests.
    pub(super) tests: Box<[u32]>,
    /// Positions among what is asked customer by customer.
    pub(super) asked: Box<[u32]>,
}

/// All of these clauses must hold; those of tests alone come first.
#[derive(Clone, Debug, Default)]
pub(super) struct All {
    pub(super) tested: Box<[u32]>,
    pub(super) asked: Box<[u32]>,
}

/// What is asked for one target.
pub(super) struct Whole {
    pub(super) common: All,
    /// The ways of a message, one of which must pass; `None` for a segment.
    pub(super) ways: Option<Box<[All]>>,
    /// Among the tests: whether the customer is held out.
    pub(super) held_out: Box<[u32]>,
}

/// An attribute that is needed.
pub(crate) struct Wanted {
    pub(crate) attribute: AttributeId,
    pub(crate) ty: Type,
    pub(crate) default: Option<Value>,
    /// Whether it matters what a text says that the policy doesn't name.
    pub(crate) keeps_texts: bool,
}

/// What a literal comes to.
enum Leaf {
    Fixed(bool),
    Test(u32),
    Asked(u32),
}

struct Builder<'p> {
    policy: &'p Policy,
    plan: &'p Plan,
    /// Somebody of whom nothing is known.
    nobody: Profile,
    moment: Moment,
    feeds: Numbered<Feed>,
    tests: Numbered<(u32, Test)>,
    asked: Numbered<Asked>,
    clauses: Numbered<Clause>,
}

/// Things, each once.
struct Numbered<T> {
    all: Vec<T>,
    numbers: FxHashMap<T, u32>,
}

impl<T: Clone + Eq + std::hash::Hash> Numbered<T> {
    fn new() -> Numbered<T> {
        Numbered { all: Vec::new(), numbers: FxHashMap::default() }
    }

    fn of(&mut self, thing: T) -> u32 {
        *self.numbers.entry(thing).or_insert_with_key(|thing| {
            self.all.push(thing.clone());
            self.all.len() as u32 - 1
        })
    }
}

/// The condition that a target begins with.
pub(super) fn guard_of(plan: &Plan, target: Target) -> &Guard {
    match target {
        Target::Segment(id) => &plan.segments[id.index()].condition,
        Target::Message(id) => &plan.messages[id.index()].guard,
    }
}

impl Sieve {
    pub(super) fn new(policy: &Policy, targets: &[Target], at: i64) -> Sieve {
        let mut nobody = Profile::new(policy, SmolStr::default());
        nobody.now = at;
        let mut builder = Builder {
            policy,
            plan: &policy.plan,
            nobody,
            moment: Moment::new(policy),
            feeds: Numbered::new(),
            tests: Numbered::new(),
            asked: Numbered::new(),
            clauses: Numbered::new(),
        };
        let wholes = targets.iter().map(|target| builder.whole(*target)).collect();
        let columns = builder.columns();
        let Builder { feeds, tests, asked, clauses, plan, .. } = builder;
        let asks_for_consents = asked.all.iter().any(|asked| match asked {
            Asked::Consent(..) => true,
            Asked::Condition((expr, _)) => {
                sources(plan, [*expr]).iter().any(|source| matches!(source, Source::Consent(..)))
            }
        });
        Sieve {
            feeds: feeds.all,
            tests: tests.all,
            asked: asked.all,
            clauses: clauses.all,
            wholes,
            columns,
            asks_for_consents,
        }
    }
}

impl Builder<'_> {
    fn whole(&mut self, target: Target) -> Whole {
        let plan = self.plan;
        let common = of_guard(plan, guard_of(plan, target));
        let Target::Message(id) = target else {
            return Whole { common: self.all(common, Vec::new()), ways: None, held_out: [].into() };
        };
        let message = &plan.messages[id.index()];
        let class = &plan.classes[message.class.index()];
        let mut gates = Vec::new();
        if let Some((first, last)) = message.active {
            gates.push(self.gate(Feed::LocalDate, Test::between(first, last)));
        }
        let mut ways = Vec::new();
        for route in message.all_routes() {
            let mut conditions = Vec::new();
            for (_, when) in &route.suppressions {
                conditions.extend(self.parts_of((*when, true)));
            }
            let mut gates = Vec::new();
            if plan.channels[route.channel.index()].kind != ChannelKind::Inbound {
                gates.push(self.gate(Feed::Reachable(route.channel), Test::between(1, 1)));
            }
            for purpose in &message.purposes {
                let rules = &plan.purposes[purpose.index()].channels[route.channel.index()];
                let is_free =
                    rules.first().is_some_and(|rule| rule.when.is_none() && rule.mode == ConsentMode::Always);
                if !is_free {
                    let asked = self.asked.of(Asked::Consent(*purpose, route.channel));
                    gates.push(self.clauses.of(Clause { tests: [].into(), asked: [asked].into() }));
                }
            }
            ways.push(self.all(conditions, gates));
        }
        let holdouts = plan.holdouts.iter().filter(|holdout| holdout.classes.contains(&message.class));
        let held_out = holdouts.filter(|_| !class.ignores_holdout).map(|holdout| {
            let share = key(Type::Percent, (holdout.share + 0.0).to_bits());
            let feed = self.feeds.of(Feed::Bucket(holdout.salt.clone()));
            self.tests.of((feed, Test::between(i64::MIN, share.saturating_sub(1))))
        });
        let held_out = held_out.collect();
        Whole { common: self.all(common, gates), ways: Some(ways.into()), held_out }
    }

    fn gate(&mut self, feed: Feed, test: Test) -> u32 {
        let feed = self.feeds.of(feed);
        let tests = [self.tests.of((feed, test))].into();
        self.clauses.of(Clause { tests, asked: [].into() })
    }

    /// The clauses of a condition. Where a part of it must be asked customer by customer, it is asked as a whole: for
    /// that there is machine code. Of what asks for the event only that part is left out that does.
    fn parts_of(&mut self, condition: Literal) -> Vec<Vec<Literal>> {
        let plan = self.plan;
        let parts = of_condition(plan, condition);
        if sources(plan, [condition.0]).iter().any(|source| asks_for_event(plan, source)) {
            return parts;
        }
        let is_asked = |literal: &Literal| matches!(self.leaf(*literal), Leaf::Asked(_));
        let mut literals = parts.iter().flatten();
        if literals.by_ref().any(is_asked) { vec![vec![condition]] } else { parts }
    }

    /// A conjunction of clauses and gates.
    fn all(&mut self, clauses: Vec<Vec<Literal>>, gates: Vec<u32>) -> All {
        let mut all = gates;
        for clause in clauses {
            let (mut tests, mut asked, mut holds) = (Vec::new(), Vec::new(), false);
            for literal in clause {
                match self.leaf(literal) {
                    Leaf::Fixed(always) => holds |= always,
                    Leaf::Test(test) => tests.push(test),
                    Leaf::Asked(condition) => asked.push(condition),
                }
            }
            if holds {
                continue;
            }
            for leaves in [&mut tests, &mut asked] {
                leaves.sort_unstable();
                leaves.dedup();
            }
            all.push(self.clauses.of(Clause { tests: tests.into(), asked: asked.into() }));
        }
        all.sort_unstable();
        all.dedup();
        let (tested, asked): (Vec<u32>, Vec<u32>) =
            all.into_iter().partition(|clause| self.clauses.all[*clause as usize].asked.is_empty());
        All { tested: tested.into(), asked: asked.into() }
    }

    fn leaf(&mut self, literal: Literal) -> Leaf {
        let plan = self.plan;
        let slots = slots_of(plan, literal.0);
        let source = |slot: &SlotId| &plan.slots[slot.index()].source;
        // What the event says isn't known here: it may hold.
        if slots.iter().any(|slot| asks_for_event(plan, source(slot))) {
            return Leaf::Fixed(true);
        }
        if slots.iter().all(|slot| is_fixed(plan, source(slot))) {
            self.moment.fill(self.policy, &mut self.nobody, &slots, &[]);
            let holds = self.policy.engine.holds(literal.0, self.moment.frame_mut());
            return Leaf::Fixed(holds != literal.1);
        }
        if let Some((slot, test)) = Test::of(plan, literal)
            && let Some(feed) = feed(plan, source(&slot))
        {
            if let Some(always) = test.always() {
                return Leaf::Fixed(always);
            }
            let feed = self.feeds.of(feed);
            return Leaf::Test(self.tests.of((feed, test)));
        }
        Leaf::Asked(self.asked.of(Asked::Condition(literal)))
    }

    /// The attributes that somebody looks at.
    fn columns(&self) -> Vec<Wanted> {
        let plan = self.plan;
        let mut keeps: Vec<Option<bool>> = vec![None; plan.attributes.len()];
        let mut want = |attribute: AttributeId, keeps_texts: bool| {
            let kept = keeps[attribute.index()].get_or_insert(false);
            *kept |= keeps_texts;
        };
        let address = |channel: ChannelId| match plan.channels[channel.index()].kind {
            ChannelKind::Address(attribute) | ChannelKind::Device(attribute) => Some(attribute),
            ChannelKind::Inbound => None,
        };
        for feed in &self.feeds.all {
            match feed {
                Feed::Attribute(attribute) => want(*attribute, false),
                Feed::Reachable(channel) => address(*channel).into_iter().for_each(|a| want(a, false)),
                Feed::Bucket(_) | Feed::Arm(_) => {}
                _ => plan.timezone.into_iter().for_each(|timezone| want(timezone, true)),
            }
        }
        let mut pending: Vec<Source> = Vec::new();
        for asked in &self.asked.all {
            match asked {
                Asked::Condition((expr, _)) => pending.extend(sources(plan, [*expr])),
                Asked::Consent(purpose, channel) => {
                    pending.extend(sources_of_consent(plan, *purpose, *channel))
                }
            }
        }
        for source in pending {
            match source {
                Source::Attribute(attribute) => want(attribute, true),
                Source::Reachable(channel) | Source::Consent(_, channel) => {
                    address(channel).into_iter().for_each(|attribute| want(attribute, true))
                }
                Source::Bucket(_) | Source::Arm(_) | Source::Event(_) | Source::Field(_) => {}
                // What a model looks at stands beside it.
                Source::Now | Source::Predict(_) | Source::InJourney(_) => {}
                // The local time, be it of the history.
                _ => plan.timezone.into_iter().for_each(|timezone| want(timezone, true)),
            }
        }
        let attributes = (0..).map(AttributeId).zip(&plan.attributes).zip(keeps);
        let wanted = attributes.filter_map(|((id, attribute), keeps)| {
            Some(Wanted {
                attribute: id,
                ty: attribute.ty,
                default: attribute.default.as_ref().map(Constant::value),
                keeps_texts: keeps?,
            })
        });
        wanted.collect()
    }
}

/// All that some conditions look at, be it through a model, a consent or the filter of a question to the history.
fn sources(plan: &Plan, exprs: impl IntoIterator<Item = ExprId>) -> Vec<Source> {
    let mut pending: Vec<ExprId> = exprs.into_iter().collect();
    let mut seen = rustc_hash::FxHashSet::default();
    let mut sources = Vec::new();
    while let Some(expr) = pending.pop() {
        if !seen.insert(expr) {
            continue;
        }
        for slot in slots_of(plan, expr) {
            let source = plan.slots[slot.index()].source.clone();
            match &source {
                Source::Predict(model) => pending.extend(plan.models[model.index()].exprs()),
                Source::Window(window) => pending.extend(plan.windows[window.index()].filter),
                Source::Consent(purpose, channel) => {
                    let rules = &plan.purposes[purpose.index()].channels[channel.index()];
                    pending.extend(rules.iter().filter_map(|rule| rule.when));
                }
                _ => {}
            }
            sources.push(source);
        }
    }
    sources
}

fn sources_of_consent(plan: &Plan, purpose: PurposeId, channel: ChannelId) -> Vec<Source> {
    let rules = &plan.purposes[purpose.index()].channels[channel.index()];
    let mut all = sources(plan, rules.iter().filter_map(|rule| rule.when));
    all.push(Source::Consent(purpose, channel));
    all
}

/// Whether it depends on the event that proposes a message.
fn asks_for_event(plan: &Plan, source: &Source) -> bool {
    match source {
        Source::Event(_) | Source::Field(_) => true,
        Source::Predict(model) => {
            let features = sources(plan, plan.models[model.index()].exprs());
            features.iter().any(|source| matches!(source, Source::Event(_)))
        }
        _ => false,
    }
}

/// Whether it is the same for all customers to whom nothing has happened.
fn is_fixed(plan: &Plan, source: &Source) -> bool {
    match source {
        Source::Window(_) | Source::Now | Source::InJourney(_) => true,
        Source::LocalDate
        | Source::LocalTime
        | Source::LocalHour
        | Source::LocalWeekday
        | Source::LocalMonth
        | Source::LocalDay => plan.timezone.is_none(),
        _ => false,
    }
}

fn feed(plan: &Plan, source: &Source) -> Option<Feed> {
    Some(match *source {
        Source::Attribute(attribute) => Feed::Attribute(attribute),
        Source::LocalDate => Feed::LocalDate,
        Source::LocalTime => Feed::LocalTime,
        Source::LocalHour => Feed::LocalHour,
        Source::LocalWeekday => Feed::LocalWeekday,
        Source::LocalMonth => Feed::LocalMonth,
        Source::LocalDay => Feed::LocalDay,
        Source::Reachable(channel) => Feed::Reachable(channel),
        Source::Bucket(salt) => Feed::Bucket(plan.texts[salt.index()].clone()),
        Source::Arm(experiment) => Feed::Arm(experiment),
        _ => return None,
    })
}
