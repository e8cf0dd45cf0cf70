//! From JSON to the decision: the lines are read into the frame, and the best message is found. Nothing is kept of it.

use crate::comity::{Input, TODAY};
use crate::project::{self, Features};
use crate::race::Contender;
use crate::workload::Workload;
use comity_compiler::frame::Frame;
use comity_compiler::ids::{AttributeId, SlotId};
use comity_compiler::index::{Gate, Scan, SlateId};
use comity_compiler::plan::{ChannelKind, Source};
use comity_compiler::value::Value;
use comity_runtime::intake::{Fields, Kind, ProfileLine};
use comity_runtime::policy::Policy;
use std::ops::Range;
use std::sync::Arc;

/// Reads and decides. What is known of the customer besides the lines is nothing: no event, no send.
pub struct Decides {
    policy: Arc<Policy>,
    input: Input,
    features: Features,
    lines: Vec<(String, String)>,
    /// Where the customers' lines aren't read, what is known of them.
    known: Vec<Known>,
    /// By attribute, its slot.
    slots: Vec<Option<SlotId>>,
    /// What the slots of attributes hold of which nothing is known.
    defaults: Vec<(SlotId, Option<u64>)>,
    /// With the place of the event's field.
    fields: Vec<(SlotId, usize)>,
    /// What windows over the history answer: this is the customer's first event.
    windows: Vec<SlotId>,
    frame: Frame,
    scan: Scan,
    /// What is left of the event before.
    room: Fields,
}

/// A customer whose line has been read.
struct Known {
    line: ProfileLine,
    /// By slot, what it says.
    cells: Vec<(SlotId, Option<u64>)>,
    /// What no cell says.
    texts: Vec<(SlotId, Value)>,
}

impl Known {
    fn new(line: ProfileLine, slots: &[Option<SlotId>], defaults: &[(SlotId, Option<u64>)]) -> Known {
        let (mut cells, mut texts) = (defaults.to_vec(), Vec::new());
        for (id, value) in &line.attributes {
            let Some(slot) = slots[id.index()] else { continue };
            let said = value.as_ref().and_then(cell);
            texts.extend(value.clone().filter(|_| said.is_none()).map(|text| (slot, text)));
            cells.retain(|(given, _)| *given != slot);
            cells.push((slot, said));
        }
        Known { line, cells, texts }
    }
}

fn cell(value: &Value) -> Option<u64> {
    match value {
        Value::Cell(cell) => Some(*cell),
        _ => None,
    }
}

impl Decides {
    pub fn new(policy: &Arc<Policy>, workload: &Workload, features: Features, input: Input) -> Decides {
        let plan = &policy.plan;
        let lines: Vec<_> = (workload.rows.iter().enumerate())
            .map(|(index, row)| (project::profile(index, row), project::event(index, row, 0)))
            .collect();
        let event = plan.events.iter().position(|event| event.name == "activity").expect("it is declared");
        let mut slots = vec![None; plan.attributes.len()];
        let (mut fields, mut windows) = (Vec::new(), Vec::new());
        for (at, slot) in plan.slots.iter().enumerate() {
            let id = SlotId::at(at);
            match slot.source {
                Source::Attribute(attribute) => slots[attribute.index()] = Some(id),
                Source::Event(name) => {
                    let name = &plan.texts[name.index()];
                    let field = plan.events[event].fields.iter().position(|field| field.name == *name);
                    fields.push((id, field.expect("it is declared")));
                }
                Source::Window(_) => windows.push(id),
                _ => {}
            }
        }
        let mut defaults = Vec::new();
        for (attribute, slot) in plan.attributes.iter().zip(&slots) {
            let default = attribute.default.as_ref().map(|default| default.value());
            defaults.extend(slot.map(|slot| (slot, default.as_ref().and_then(cell))));
        }
        let known = match input {
            Input::Event => lines
                .iter()
                .map(|(profile, _)| Known::new(read(policy, profile), &slots, &defaults))
                .collect(),
            Input::ProfileAndEvent => Vec::new(),
        };
        let (frame, scan, room) = (Frame::new(plan), Scan::default(), Fields::default());
        let policy = Arc::clone(policy);
        Decides { policy, input, features, lines, known, slots, defaults, fields, windows, frame, scan, room }
    }

    fn decide(&mut self, row: usize) -> Option<u32> {
        let Decides { policy, slots, frame, .. } = self;
        let (profile, event) = &self.lines[row];
        let room = std::mem::take(&mut self.room);
        let event = policy.schema.event_in(event.as_bytes(), room).expect("an event");
        let Kind::Known { fields, .. } = event.kind else { unreachable!("the event is declared") };
        frame.clear();
        let read;
        let profile = match self.input {
            Input::Event => {
                let known = &self.known[row];
                known.texts.iter().for_each(|(slot, text)| frame.set(*slot, Some(text)));
                frame.set_cells(known.cells.iter().copied());
                &known.line
            }
            Input::ProfileAndEvent => {
                read = self::read(policy, profile);
                let slot_of = |id: AttributeId| slots[id.index()];
                for (id, value) in &read.attributes {
                    if let Some(slot) = slot_of(*id).filter(|_| matches!(value, Some(Value::Text(_)))) {
                        frame.set(slot, value.as_ref());
                    }
                }
                let given = read.attributes.iter();
                frame.set_cells(
                    given.filter_map(|(id, value)| Some((slot_of(*id)?, value.as_ref().and_then(cell)))),
                );
                frame.set_cells(self.defaults.iter().copied());
                &read
            }
        };
        self.fields.iter().for_each(|(slot, field)| frame.set(*slot, fields[*field].as_ref()));
        self.windows.iter().for_each(|slot| frame.set_cell(*slot, 1));
        self.room = fields;
        let (is_open, passes) = (|gate: &Gate| is_open(policy, profile, gate), |_: &_| true);
        let values = frame.values(&policy.plan);
        let best = policy.engine.best_of(SlateId(0), values, TODAY, is_open, passes, &mut self.scan);
        best.map(|best| best.message.0)
    }
}

fn read(policy: &Policy, line: &str) -> ProfileLine {
    policy.schema.profile(line.as_bytes()).expect("a profile")
}

/// Whether a gate lets messages pass: nothing was sent yet, so that no cap is full.
fn is_open(policy: &Policy, profile: &ProfileLine, gate: &Gate) -> bool {
    match *gate {
        Gate::Consent(purpose, channel) => profile.consents.iter().any(|consent| {
            !consent.withdrawn
                && consent.purpose == Some(purpose)
                && consent.channel.is_none_or(|given| given == channel)
        }),
        Gate::Reachable(channel) => match policy.plan.channels[channel.index()].kind {
            ChannelKind::Inbound => true,
            ChannelKind::Address(address) | ChannelKind::Device(address) => {
                profile.attributes.iter().any(|(id, value)| *id == address && value.is_some())
            }
        },
        Gate::Cap(..) => true,
    }
}

impl Contender<Option<u32>> for Decides {
    fn name(&self) -> String {
        let what = self.input.name();
        let with = if self.features == Features::All { ", everything on" } else { "" };
        format!("Comity, {what} to the decision{with}")
    }

    fn run(&mut self, rows: Range<usize>, answers: &mut [Option<u32>]) {
        for (row, answer) in rows.zip(answers) {
            *answer = self.decide(row);
        }
    }
}
