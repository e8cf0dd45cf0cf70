//! From JSON to the decision: the lines are read into the frame, and the best message is found. Nothing is kept of it.

use crate::comity::{Input, TODAY};
use crate::project::{self, Features};
use crate::race::Contender;
use crate::workload::Workload;
use comity_compiler::frame::Frame;
use comity_compiler::ids::{AttributeId, SlotId};
use comity_compiler::index::{Gate, Scan, SlateId};
use comity_compiler::plan::{ChannelKind, Source};
use comity_runtime::intake::{Fields, Kind, ProfileLine};
use comity_runtime::policy::Policy;
use std::ops::Range;
use std::sync::Arc;

/// Reads and decides. What is known of the customer besides the lines is nothing: no event, no send.
pub struct Decides {
    policy: Arc<Policy>,
    input: Input,
    features: Features,
    /// Whether it only reads, and decides nothing.
    reads: bool,
    lines: Vec<(String, String)>,
    /// Where the customers' lines aren't read, what is known of them.
    known: Vec<ProfileLine>,
    /// The slots of attributes.
    attributes: Vec<(SlotId, AttributeId)>,
    /// With the place of the event's field.
    fields: Vec<(SlotId, usize)>,
    /// What windows over the history answer: this is the customer's first event.
    windows: Vec<SlotId>,
    frame: Frame,
    scan: Scan,
    /// The customer's line that was read last.
    line: ProfileLine,
    /// What is left of the event before.
    room: Fields,
}

impl Decides {
    /// Reads the lines of the rows, and decides nothing: to compare with.
    pub fn reading(policy: &Arc<Policy>, workload: &Workload, features: Features, input: Input) -> Decides {
        Decides { reads: true, ..Decides::new(policy, workload, features, input) }
    }

    pub fn new(policy: &Arc<Policy>, workload: &Workload, features: Features, input: Input) -> Decides {
        let plan = &policy.plan;
        let lines: Vec<_> = (workload.rows.iter().enumerate())
            .map(|(index, row)| (project::profile(index, row), project::event(index, row, 0)))
            .collect();
        let event = plan.events.iter().position(|event| event.name == "activity").expect("it is declared");
        let (mut attributes, mut fields, mut windows) = (Vec::new(), Vec::new(), Vec::new());
        for (at, slot) in plan.slots.iter().enumerate() {
            let id = SlotId::at(at);
            match slot.source {
                Source::Attribute(attribute) => attributes.push((id, attribute)),
                Source::Event(name) => {
                    let name = &plan.texts[name.index()];
                    let field = plan.events[event].fields.iter().position(|field| field.name == *name);
                    fields.push((id, field.expect("it is declared")));
                }
                Source::Window(_) => windows.push(id),
                _ => {}
            }
        }
        let known = match input {
            Input::Event => {
                let read = |(profile, _): &(String, String)| policy.schema.profile(profile.as_bytes());
                lines.iter().map(|line| read(line).expect("a profile")).collect()
            }
            Input::ProfileAndEvent => Vec::new(),
        };
        let (frame, scan) = (Frame::new(plan), Scan::default());
        let (line, room) = (ProfileLine::default(), Fields::default());
        let policy = Arc::clone(policy);
        Decides {
            policy,
            input,
            features,
            reads: false,
            lines,
            known,
            attributes,
            fields,
            windows,
            frame,
            scan,
            line,
            room,
        }
    }

    fn decide(&mut self, row: usize) -> Option<u32> {
        let Decides { policy, frame, line, .. } = self;
        let (profile, event) = &self.lines[row];
        let room = std::mem::take(&mut self.room);
        let event = policy.schema.event_in(event.as_bytes(), room).expect("an event");
        let Kind::Known { fields, .. } = event.kind else { unreachable!("the event is declared") };
        if self.input == Input::ProfileAndEvent {
            policy.schema.profile_into(profile.as_bytes(), line).expect("a profile");
        }
        if self.reads {
            self.room = std::hint::black_box(fields);
            return None;
        }
        let profile = self.known.get(row).unwrap_or(line);
        frame.clear();
        profile.attributes.fill(&self.attributes, frame);
        self.fields.iter().for_each(|(slot, field)| frame.set(*slot, fields[*field].as_ref()));
        self.windows.iter().for_each(|slot| frame.set_cell(*slot, 1));
        self.room = fields;
        let (is_open, passes) = (|gate: &Gate| is_open(policy, profile, gate), |_: &_| true);
        let values = frame.values(&policy.plan);
        let best = policy.engine.best_of(SlateId(0), values, TODAY, is_open, passes, &mut self.scan);
        best.map(|best| best.message.0)
    }
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
                profile.attributes.is_known(address)
            }
        },
        Gate::Cap(..) => true,
    }
}

impl Contender<Option<u32>> for Decides {
    fn name(&self) -> String {
        let what = self.input.name();
        let with = if self.features == Features::All { ", everything on" } else { "" };
        let how = if self.reads { ", reading alone" } else { " to the decision" };
        format!("Comity, {what}{how}{with}")
    }

    fn answers(&self) -> bool {
        !self.reads
    }

    fn run(&mut self, rows: Range<usize>, answers: &mut [Option<u32>]) {
        for (row, answer) in rows.zip(answers) {
            *answer = self.decide(row);
        }
    }
}
