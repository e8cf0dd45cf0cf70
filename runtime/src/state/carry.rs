//! A customer's state under another version of the policy: what stands there by its place in the old plan is found
//! by its name in the new one.

use crate::policy::Policy;
use crate::profile::{Cause, Snapshot};
use comity_compiler::builtin;
use comity_compiler::ids::*;
use comity_compiler::plan::Mapping;
use comity_compiler::types::Type;
use comity_compiler::value::Value;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;
use std::sync::Arc;

/// From one version of a policy to another, for all customers: worked out once.
pub struct Carry {
    pub(crate) old: Arc<Policy>,
    pub(crate) new: Arc<Policy>,
    /// Where the instances of journeys go on.
    pub(crate) journeys: Mapping,
    /// By new attribute: what it was.
    pub(crate) attributes: Vec<Option<AttributeId>>,
    /// By new stream of the history: the one that kept the same events.
    pub(crate) streams: Vec<Option<StreamId>>,
    events: Places,
    segments: Places,
    pub(crate) channels: Places,
    placements: Places,
    pub(crate) classes: Places,
    purposes: Places,
    pub(crate) tags: Places,
    pub(crate) messages: Places,
    experiments: Places,
}

/// By old position: the new one of what has the same name.
pub(crate) struct Places(Vec<Option<u32>>);

impl Places {
    fn between<'n>(old: impl Iterator<Item = &'n SmolStr>, new: impl Iterator<Item = &'n SmolStr>) -> Places {
        let new: FxHashMap<&SmolStr, u32> = new.zip(0..).collect();
        Places(old.map(|name| new.get(name).copied()).collect())
    }

    pub(crate) fn of(&self, old: u32) -> Option<u32> {
        self.0.get(old as usize).copied().flatten()
    }
}

impl Carry {
    /// From the policy by which customers were decided on so far to the one by which they will be.
    pub fn between(old: Arc<Policy>, new: Arc<Policy>) -> Carry {
        let (from, to) = (&old.plan, &new.plan);
        macro_rules! places {
            ($table:ident) => {
                Places::between(
                    from.$table.iter().map(|one| &one.name),
                    to.$table.iter().map(|one| &one.name),
                )
            };
        }
        let mut carry = Carry {
            journeys: Mapping::between(&from.journeys, &to.journeys),
            attributes: Vec::new(),
            streams: Vec::new(),
            events: places!(events),
            segments: places!(segments),
            channels: places!(channels),
            placements: places!(placements),
            classes: places!(classes),
            purposes: places!(purposes),
            tags: Places::between(from.tags.iter(), to.tags.iter()),
            messages: places!(messages),
            experiments: places!(experiments),
            old: Arc::clone(&old),
            new: Arc::clone(&new),
        };
        let before = Places::between(
            to.attributes.iter().map(|attribute| &attribute.name),
            from.attributes.iter().map(|attribute| &attribute.name),
        );
        carry.attributes = before.0.into_iter().map(|id| id.map(AttributeId)).collect();
        // Streams have no names: one is known by its event and its filter.
        let known: FxHashMap<(u32, Option<String>), StreamId> = from
            .streams
            .iter()
            .enumerate()
            .filter_map(|(at, stream)| {
                let event = carry.events.of(stream.event.0)?;
                let filter = match stream.filter {
                    Some(filter) => Some(from.outline_of(stream.event, filter)?),
                    None => None,
                };
                Some(((event, filter), StreamId::at(at)))
            })
            .collect();
        let streams = to.streams.iter().map(|stream| {
            let filter = match stream.filter {
                Some(filter) => Some(to.outline_of(stream.event, filter)?),
                None => None,
            };
            known.get(&(stream.event.0, filter)).copied()
        });
        carry.streams = streams.collect();
        carry
    }

    /// A value, where what it names is still there.
    pub(crate) fn value(&self, (from, to): (Type, Type), value: &Value) -> Option<Value> {
        let (old, new) = (&self.old.plan, &self.new.plan);
        match (from, to, value) {
            (Type::Set(from), Type::Set(to), Value::Set(members)) => {
                let types = (from.ty(), to.ty());
                let mut members: Vec<Value> =
                    members.iter().filter_map(|member| self.value(types, member)).collect();
                members.sort_unstable();
                members.dedup();
                Some(Value::Set(members.into()))
            }
            (_, _, Value::Set(_)) => None,
            (from, to, Value::Text(text)) => (from == to).then(|| self.new.text(text)),
            (from, to, Value::Cell(cell)) if from.is_text() => {
                let text = old.texts.get(*cell as usize).filter(|_| from == to)?;
                Some(self.new.text(text))
            }
            (from, to, Value::Cell(cell)) => {
                let id = u32::try_from(*cell).ok();
                let cell = match (from, to) {
                    (Type::Enum(from), Type::Enum(to)) => {
                        let (from, to) = (&old.enums[from.index()], &new.enums[to.index()]);
                        let member = from.members.get(*cell as usize).filter(|_| from.name == to.name)?;
                        to.members.iter().position(|other| other == member)? as u64
                    }
                    (Type::Arm(from), Type::Arm(to)) => {
                        let (from, to) = (&old.experiments[from.index()], &new.experiments[to.index()]);
                        let (arm, _) = from.arms.get(*cell as usize).filter(|_| from.name == to.name)?;
                        to.arms.iter().position(|(other, _)| other == arm)? as u64
                    }
                    (Type::Channel, Type::Channel) => self.channels.of(id?)?.into(),
                    (Type::Class, Type::Class) => self.classes.of(id?)?.into(),
                    (Type::Message, Type::Message) => self.messages.of(id?)?.into(),
                    (Type::Purpose, Type::Purpose) => self.purposes.of(id?)?.into(),
                    (from, to) if from == to => *cell,
                    _ => return None,
                };
                Some(Value::Cell(cell))
            }
        }
    }

    /// By new field of an event: its old position, and both types.
    pub(crate) fn fields(&self, old: EventId, new: EventId) -> Vec<Option<(u32, (Type, Type))>> {
        let fields = &self.old.plan.events[old.index()].fields;
        let of = |field: &comity_compiler::plan::Field| {
            let at = fields.iter().position(|old| old.name == field.name)?;
            Some((at as u32, (fields[at].ty, field.ty)))
        };
        self.new.plan.events[new.index()].fields.iter().map(of).collect()
    }

    fn snapshot(&self, event: &Snapshot) -> Option<Snapshot> {
        let id = EventId(self.events.of(event.event.0)?);
        let fields = self.fields(event.event, id).into_iter().map(|field| {
            let (at, types) = field?;
            self.value(types, event.fields.get(at as usize)?.as_ref()?)
        });
        Some(Snapshot { id: event.id.clone(), event: id, fields: fields.collect() })
    }

    /// `None` where what caused it has no name any more.
    pub(crate) fn cause(&self, cause: &Cause) -> Option<Cause> {
        Some(match cause {
            Cause::Event(event) => Cause::Event(Arc::new(self.snapshot(event)?)),
            Cause::Entered(segment, at) => Cause::Entered(SegmentId(self.segments.of(segment.0)?), *at),
            Cause::Left(segment, at) => Cause::Left(SegmentId(self.segments.of(segment.0)?), *at),
            Cause::Schedule(date) => Cause::Schedule(*date),
            Cause::Placement(placement, at) => {
                Cause::Placement(PlacementId(self.placements.of(placement.0)?), *at)
            }
            Cause::Journey(proposal) => {
                let mut proposal = proposal.clone();
                proposal.origin = Arc::new(proposal.origin.carry(self));
                Cause::Journey(proposal)
            }
        })
    }

    /// The same of what started an instance that goes on, although that is declared no more: nothing of it can be
    /// asked for.
    pub(crate) fn origin(&self, cause: &Cause) -> Cause {
        self.cause(cause).unwrap_or_else(|| {
            let id = match cause {
                Cause::Event(event) => event.id.clone(),
                cause => SmolStr::new(cause.text(&self.old.plan).as_str()),
            };
            Cause::Event(Arc::new(Snapshot { id, event: builtin::IDENTIFY, fields: Box::default() }))
        })
    }

    /// An experiment and one of its arms.
    pub(crate) fn arm(&self, experiment: ExperimentId, arm: u32) -> Option<(ExperimentId, u32)> {
        let id = self.experiment(experiment)?;
        let (old, new) =
            (&self.old.plan.experiments[experiment.index()], &self.new.plan.experiments[id.index()]);
        let (name, _) = old.arms.get(arm as usize)?;
        Some((id, new.arms.iter().position(|(other, _)| other == name)? as u32))
    }

    pub(crate) fn experiment(&self, id: ExperimentId) -> Option<ExperimentId> {
        self.experiments.of(id.0).map(ExperimentId)
    }
}
