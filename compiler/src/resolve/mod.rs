//! Which name means which declaration (language reference §2: one namespace, order has no meaning).
//!
//! Declarations of a kind are sorted by name; a thing's id is its position among them. A name that is declared
//! again is reported, and the first declaration stands.

use crate::builtin::BUILTIN_EVENTS;
use crate::checked::Location;
use crate::diagnostic::{Diagnostic, at};
use crate::ids::*;
use crate::mistakes;
use comity_grammar::tree::{self, DeclarationKind as Kind, Name};
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// The functions that every policy has (§5). No top-level name is one of them.
pub(crate) const FUNCTIONS: [&str; 16] = [
    "min",
    "max",
    "abs",
    "clamp",
    "round",
    "floor",
    "ceil",
    "lower",
    "upper",
    "length",
    "bucket",
    "predict",
    "arm",
    "consent",
    "reachable",
    "in_journey",
];

/// What a top-level name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Symbol {
    Enum(EnumId),
    Event(EventId),
    Segment(SegmentId),
    Let(LetId),
    Table(TableId),
    Channel(ChannelId),
    Placement(PlacementId),
    Class(ClassId),
    Purpose(PurposeId),
    Message(MessageId),
    Cap(CapId),
    Holdout(HoldoutId),
    Experiment(ExperimentId),
    Model(ModelId),
    Journey(JourneyId),
    Invariant,
}

impl Symbol {
    /// With its article: "a channel".
    pub(crate) fn described(self) -> &'static str {
        match self {
            Symbol::Enum(_) => "an enum",
            Symbol::Event(_) => "an event",
            Symbol::Segment(_) => "a segment",
            Symbol::Let(_) => "a let",
            Symbol::Table(_) => "a table",
            Symbol::Channel(_) => "a channel",
            Symbol::Placement(_) => "a placement",
            Symbol::Class(_) => "a class",
            Symbol::Purpose(_) => "a purpose",
            Symbol::Message(_) => "a message",
            Symbol::Cap(_) => "a cap",
            Symbol::Holdout(_) => "a holdout",
            Symbol::Experiment(_) => "an experiment",
            Symbol::Model(_) => "a model",
            Symbol::Journey(_) => "a journey",
            Symbol::Invariant => "an invariant",
        }
    }
}

/// A named declaration.
pub(crate) struct Declared<'t, T> {
    pub(crate) name: &'t Name,
    pub(crate) node: &'t T,
    pub(crate) file: FileId,
    /// Of the name.
    pub(crate) at: Location,
}

/// A declaration without a name.
pub(crate) struct Unnamed<'t, T> {
    pub(crate) node: &'t T,
    pub(crate) file: FileId,
    /// Of the whole declaration.
    pub(crate) at: Location,
}

/// All declarations of a project, by kind and name.
#[derive(Default)]
pub(crate) struct Names<'t> {
    pub(crate) symbols: BTreeMap<SmolStr, (Symbol, Option<Location>)>,
    pub(crate) enums: Vec<Declared<'t, tree::Enum>>,
    pub(crate) events: Vec<Declared<'t, tree::Event>>,
    pub(crate) segments: Vec<Declared<'t, tree::Segment>>,
    pub(crate) lets: Vec<Declared<'t, tree::Let>>,
    pub(crate) tables: Vec<Declared<'t, tree::Table>>,
    pub(crate) channels: Vec<Declared<'t, tree::Channel>>,
    pub(crate) placements: Vec<Declared<'t, tree::Placement>>,
    pub(crate) classes: Vec<Declared<'t, tree::Class>>,
    pub(crate) purposes: Vec<Declared<'t, tree::Purpose>>,
    pub(crate) messages: Vec<Declared<'t, tree::Message>>,
    pub(crate) caps: Vec<Declared<'t, tree::Cap>>,
    pub(crate) holdouts: Vec<Declared<'t, tree::Holdout>>,
    pub(crate) experiments: Vec<Declared<'t, tree::Experiment>>,
    pub(crate) models: Vec<Declared<'t, tree::Model>>,
    pub(crate) journeys: Vec<Declared<'t, tree::Journey>>,
    pub(crate) invariants: Vec<Declared<'t, tree::Invariant>>,
    pub(crate) profiles: Vec<Unnamed<'t, tree::Profile>>,
    pub(crate) every_message: Vec<Unnamed<'t, tree::EveryMessage>>,
    pub(crate) suppressions: Vec<Unnamed<'t, tree::Suppress>>,
    pub(crate) arbitrates: Vec<Unnamed<'t, tree::Arbitrate>>,
    pub(crate) stops: Vec<Unnamed<'t, tree::Stop>>,
    pub(crate) tests: Vec<Unnamed<'t, tree::Test>>,
}

/// Collects the declarations of all files, by file id.
pub(crate) fn resolve(trees: &[tree::File]) -> (Names<'_>, Vec<Diagnostic>) {
    let mut names = Names::default();
    let mut problems = Vec::new();
    // Who has declared a name first.
    let mut first: BTreeMap<&SmolStr, Location> = BTreeMap::new();
    for (position, tree) in trees.iter().enumerate() {
        let file = FileId::at(position);
        for declaration in &tree.declarations {
            if let Some(name) = name_of(&declaration.kind) {
                let here = at(file, name.span);
                let names_event = matches!(declaration.kind, Kind::Event(_));
                if let Some(problem) = mistakes::name_taken::check(&name.text, names_event, here) {
                    problems.push(problem);
                    continue;
                }
                if let Some(there) = first.get(&name.text) {
                    problems.push(mistakes::declared_twice::name(&name.text, here, *there));
                    continue;
                }
                first.insert(&name.text, here);
            }
            names.collect(file, declaration);
        }
    }
    names.number();
    (names, problems)
}

fn name_of(kind: &Kind) -> Option<&Name> {
    Some(match kind {
        Kind::Enum(node) => &node.name,
        Kind::Event(node) => &node.name,
        Kind::Segment(node) => &node.name,
        Kind::Let(node) => &node.name,
        Kind::Table(node) => &node.name,
        Kind::Channel(node) => &node.name,
        Kind::Placement(node) => &node.name,
        Kind::Class(node) => &node.name,
        Kind::Purpose(node) => &node.name,
        Kind::Message(node) => &node.name,
        Kind::Cap(node) => &node.name,
        Kind::Holdout(node) => &node.name,
        Kind::Experiment(node) => &node.name,
        Kind::Model(node) => &node.name,
        Kind::Journey(node) => &node.name,
        Kind::Invariant(node) => &node.name,
        Kind::Error
        | Kind::Profile(_)
        | Kind::EveryMessage(_)
        | Kind::Suppress(_)
        | Kind::Arbitrate(_)
        | Kind::Stop(_)
        | Kind::Test(_) => return None,
    })
}

impl<'t> Names<'t> {
    fn collect(&mut self, file: FileId, declaration: &'t tree::Declaration) {
        fn named<'t, T>(file: FileId, name: &'t Name, node: &'t T) -> Declared<'t, T> {
            Declared { name, node, file, at: at(file, name.span) }
        }
        fn unnamed<T>(file: FileId, span: comity_grammar::Span, node: &T) -> Unnamed<'_, T> {
            Unnamed { node, file, at: at(file, span) }
        }
        let span = declaration.span;
        match &declaration.kind {
            Kind::Error => {}
            Kind::Enum(node) => self.enums.push(named(file, &node.name, node)),
            Kind::Profile(node) => self.profiles.push(unnamed(file, span, node)),
            Kind::Event(node) => self.events.push(named(file, &node.name, node)),
            Kind::Segment(node) => self.segments.push(named(file, &node.name, node)),
            Kind::Let(node) => self.lets.push(named(file, &node.name, node)),
            Kind::Table(node) => self.tables.push(named(file, &node.name, node)),
            Kind::Channel(node) => self.channels.push(named(file, &node.name, node)),
            Kind::Placement(node) => self.placements.push(named(file, &node.name, node)),
            Kind::Class(node) => self.classes.push(named(file, &node.name, node)),
            Kind::Purpose(node) => self.purposes.push(named(file, &node.name, node)),
            Kind::EveryMessage(node) => self.every_message.push(unnamed(file, span, node)),
            Kind::Message(node) => self.messages.push(named(file, &node.name, node)),
            Kind::Cap(node) => self.caps.push(named(file, &node.name, node)),
            Kind::Suppress(node) => self.suppressions.push(unnamed(file, span, node)),
            Kind::Arbitrate(node) => self.arbitrates.push(unnamed(file, span, node)),
            Kind::Holdout(node) => self.holdouts.push(named(file, &node.name, node)),
            Kind::Experiment(node) => self.experiments.push(named(file, &node.name, node)),
            Kind::Model(node) => self.models.push(named(file, &node.name, node)),
            Kind::Journey(node) => self.journeys.push(named(file, &node.name, node)),
            Kind::Stop(node) => self.stops.push(unnamed(file, span, node)),
            Kind::Test(node) => self.tests.push(unnamed(file, span, node)),
            Kind::Invariant(node) => self.invariants.push(named(file, &node.name, node)),
        }
    }

    /// Sorts each kind by name and gives out the ids.
    fn number(&mut self) {
        let mut symbols = BTreeMap::new();
        for (position, event) in BUILTIN_EVENTS.iter().enumerate() {
            symbols.insert(SmolStr::new_static(event.name), (Symbol::Event(EventId::at(position)), None));
        }
        fn sort<T>(
            symbols: &mut BTreeMap<SmolStr, (Symbol, Option<Location>)>,
            declared: &mut [Declared<'_, T>],
            symbol: impl Fn(usize) -> Symbol,
        ) {
            declared.sort_by(|a, b| a.name.text.cmp(&b.name.text));
            for (position, one) in declared.iter().enumerate() {
                symbols.insert(one.name.text.clone(), (symbol(position), Some(one.at)));
            }
        }
        let s = &mut symbols;
        sort(s, &mut self.enums, |i| Symbol::Enum(EnumId::at(i)));
        sort(s, &mut self.events, |i| Symbol::Event(EventId::at(BUILTIN_EVENTS.len() + i)));
        sort(s, &mut self.segments, |i| Symbol::Segment(SegmentId::at(i)));
        sort(s, &mut self.lets, |i| Symbol::Let(LetId::at(i)));
        sort(s, &mut self.tables, |i| Symbol::Table(TableId::at(i)));
        sort(s, &mut self.channels, |i| Symbol::Channel(ChannelId::at(i)));
        sort(s, &mut self.placements, |i| Symbol::Placement(PlacementId::at(i)));
        sort(s, &mut self.classes, |i| Symbol::Class(ClassId::at(i)));
        sort(s, &mut self.purposes, |i| Symbol::Purpose(PurposeId::at(i)));
        sort(s, &mut self.messages, |i| Symbol::Message(MessageId::at(i)));
        sort(s, &mut self.caps, |i| Symbol::Cap(CapId::at(i)));
        sort(s, &mut self.holdouts, |i| Symbol::Holdout(HoldoutId::at(i)));
        sort(s, &mut self.experiments, |i| Symbol::Experiment(ExperimentId::at(i)));
        sort(s, &mut self.models, |i| Symbol::Model(ModelId::at(i)));
        sort(s, &mut self.journeys, |i| Symbol::Journey(JourneyId::at(i)));
        sort(s, &mut self.invariants, |_| Symbol::Invariant);
        self.symbols = symbols;
    }

    /// What a top-level name stands for.
    pub(crate) fn symbol(&self, name: &str) -> Option<Symbol> {
        self.symbols.get(name).map(|(symbol, _)| *symbol)
    }

    /// Where a top-level name is declared.
    pub(crate) fn place(&self, name: &str) -> Option<Location> {
        self.symbols.get(name).and_then(|(_, at)| *at)
    }
}
