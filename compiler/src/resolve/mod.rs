//! Which name means which declaration (language reference §2: one namespace, order has no meaning).
//!
//! Declarations of a kind are sorted by name; a thing's id is its position among them. A name that is declared
//! again is reported, and the first declaration stands. A project has the names of its own files; those of the projects
//! that it depends on are reached as `base.thing` (`docs/decisions/0012-dependencies-between-projects.md`).

use crate::builtin::BUILTIN_EVENTS;
use crate::checked::Location;
use crate::diagnostic::{Diagnostic, at};
use crate::ids::*;
use crate::mistakes::{self, declared_twice};
use crate::source::Project;
use comity_grammar::tree::{self, DeclarationKind as Kind, Name, Path};
use rustc_hash::FxHashMap;
use smol_str::{SmolStr, format_smolstr};

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
    /// As it is declared.
    pub(crate) name: &'t Name,
    /// As it is called in records and messages: with the project in front that declares it, where that is another one.
    /// What the world outside speaks of, events, channels, purposes and placements, has its bare name there.
    pub(crate) full: SmolStr,
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
pub(crate) struct Names<'t> {
    project: &'t Project,
    /// The names of each package.
    symbols: Vec<Symbols>,
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

/// What each name of a package stands for, and where it is declared.
type Symbols = FxHashMap<SmolStr, (Symbol, Option<Location>)>;

/// What a package names, by name.
fn in_order(symbols: &Symbols) -> impl Iterator<Item = (&SmolStr, &(Symbol, Option<Location>))> {
    let mut all: Vec<_> = symbols.iter().collect();
    all.sort_unstable_by_key(|(name, _)| *name);
    all.into_iter()
}

/// Collects the declarations of all files, by file id.
pub(crate) fn resolve<'t>(project: &'t Project, trees: &'t [tree::File]) -> (Names<'t>, Vec<Diagnostic>) {
    let mut names = Names::of(project);
    let mut problems = Vec::new();
    // Who has declared a name first: in a package, and of what there is one of for all of them.
    let mut first: FxHashMap<(usize, &SmolStr), Location> = FxHashMap::default();
    let mut shared: FxHashMap<(&str, &SmolStr), (usize, Location)> = FxHashMap::default();
    let mut same: Vec<(usize, &SmolStr, usize)> = Vec::new();
    for (position, tree) in trees.iter().enumerate() {
        let file = FileId::at(position);
        let package = project.package_of(file);
        for declaration in &tree.declarations {
            // The tests of another project are its own.
            if package > 0 && matches!(declaration.kind, Kind::Test(_)) {
                continue;
            }
            if let Some(name) = name_of(&declaration.kind) {
                let here = at(file, name.span);
                let names_event = matches!(declaration.kind, Kind::Event(_));
                if let Some(problem) = mistakes::name_taken::check(&name.text, names_event, here) {
                    problems.push(problem);
                    continue;
                }
                if let Some(there) = first.get(&(package, &name.text)) {
                    problems.push(declared_twice::name(&name.text, here, *there));
                    continue;
                }
                first.insert((package, &name.text), here);
                if let Some((_, other)) = project.packages()[package].dependencies.get(&name.text) {
                    problems.push(declared_twice::project(&name.text, here, *other));
                }
                if let Some(kind) = outward(&declaration.kind) {
                    if let Some((owner, there)) = shared.get(&(kind, &name.text)) {
                        let written = names.written(*owner, package, &name.text);
                        problems.push(match written {
                            Some(written) => declared_twice::in_two(&name.text, *there, here, Some(&written)),
                            None => declared_twice::in_two(&name.text, here, *there, None),
                        });
                        same.push((package, &name.text, *owner));
                        continue;
                    }
                    shared.insert((kind, &name.text), (package, here));
                }
            }
            names.collect(file, declaration);
        }
    }
    names.arbitrates_that_count();
    names.number();
    for (package, name, owner) in same {
        if let Some(symbol) = names.symbols[owner].get(name).copied() {
            names.symbols[package].insert(name.clone(), symbol);
        }
    }
    (names, problems)
}

/// What the world outside speaks of by its name, whichever project declares it; so there is one for all projects.
fn outward(kind: &Kind) -> Option<&'static str> {
    match kind {
        Kind::Event(_) => Some("event"),
        Kind::Channel(_) => Some("channel"),
        Kind::Purpose(_) => Some("purpose"),
        Kind::Placement(_) => Some("placement"),
        _ => None,
    }
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

/// How the declarations of a file are called.
struct Naming<'p> {
    file: FileId,
    prefix: &'p str,
}

impl Naming<'_> {
    fn declared<'t, T>(&self, name: &'t Name, node: &'t T) -> Declared<'t, T> {
        let full = match self.prefix {
            "" => name.text.clone(),
            prefix => format_smolstr!("{prefix}.{}", name.text),
        };
        Declared { name, full, node, file: self.file, at: at(self.file, name.span) }
    }
}

impl<'t> Names<'t> {
    fn of(project: &'t Project) -> Names<'t> {
        Names {
            project,
            symbols: vec![Symbols::default(); project.packages().len()],
            enums: Vec::new(),
            events: Vec::new(),
            segments: Vec::new(),
            lets: Vec::new(),
            tables: Vec::new(),
            channels: Vec::new(),
            placements: Vec::new(),
            classes: Vec::new(),
            purposes: Vec::new(),
            messages: Vec::new(),
            caps: Vec::new(),
            holdouts: Vec::new(),
            experiments: Vec::new(),
            models: Vec::new(),
            journeys: Vec::new(),
            invariants: Vec::new(),
            profiles: Vec::new(),
            every_message: Vec::new(),
            suppressions: Vec::new(),
            arbitrates: Vec::new(),
            stops: Vec::new(),
            tests: Vec::new(),
        }
    }

    fn collect(&mut self, file: FileId, declaration: &'t tree::Declaration) {
        let package = self.project.package_of(file);
        let prefix = match outward(&declaration.kind) {
            Some(_) => "",
            None => self.project.packages()[package].name.as_str(),
        };
        let named = Naming { file, prefix };
        fn unnamed<T>(file: FileId, span: comity_grammar::Span, node: &T) -> Unnamed<'_, T> {
            Unnamed { node, file, at: at(file, span) }
        }
        let span = declaration.span;
        match &declaration.kind {
            Kind::Error => {}
            Kind::Enum(node) => self.enums.push(named.declared(&node.name, node)),
            Kind::Profile(node) => self.profiles.push(unnamed(file, span, node)),
            Kind::Event(node) => self.events.push(named.declared(&node.name, node)),
            Kind::Segment(node) => self.segments.push(named.declared(&node.name, node)),
            Kind::Let(node) => self.lets.push(named.declared(&node.name, node)),
            Kind::Table(node) => self.tables.push(named.declared(&node.name, node)),
            Kind::Channel(node) => self.channels.push(named.declared(&node.name, node)),
            Kind::Placement(node) => self.placements.push(named.declared(&node.name, node)),
            Kind::Class(node) => self.classes.push(named.declared(&node.name, node)),
            Kind::Purpose(node) => self.purposes.push(named.declared(&node.name, node)),
            Kind::EveryMessage(node) => self.every_message.push(unnamed(file, span, node)),
            Kind::Message(node) => self.messages.push(named.declared(&node.name, node)),
            Kind::Cap(node) => self.caps.push(named.declared(&node.name, node)),
            Kind::Suppress(node) => self.suppressions.push(unnamed(file, span, node)),
            Kind::Arbitrate(node) => self.arbitrates.push(unnamed(file, span, node)),
            Kind::Holdout(node) => self.holdouts.push(named.declared(&node.name, node)),
            Kind::Experiment(node) => self.experiments.push(named.declared(&node.name, node)),
            Kind::Model(node) => self.models.push(named.declared(&node.name, node)),
            Kind::Journey(node) => self.journeys.push(named.declared(&node.name, node)),
            Kind::Stop(node) => self.stops.push(unnamed(file, span, node)),
            Kind::Test(node) => self.tests.push(unnamed(file, span, node)),
            Kind::Invariant(node) => self.invariants.push(named.declared(&node.name, node)),
        }
    }

    /// A project decides as it says itself: how those decide that it depends on counts only where it says nothing.
    fn arbitrates_that_count(&mut self) {
        let project = self.project;
        let owners: Vec<usize> = self.arbitrates.iter().map(|one| project.package_of(one.file)).collect();
        self.arbitrates.retain(|one| {
            let owner = project.package_of(one.file);
            !owners.iter().any(|other| *other != owner && project.reaches(*other, owner))
        });
    }

    /// Sorts each kind by name and gives out the ids.
    fn number(&mut self) {
        let built_in = BUILTIN_EVENTS.iter().enumerate().map(|(position, event)| {
            (SmolStr::new_static(event.name), (Symbol::Event(EventId::at(position)), None))
        });
        self.symbols.fill(built_in.collect());
        fn sort<T>(
            (symbols, project): (&mut [Symbols], &Project),
            declared: &mut [Declared<'_, T>],
            symbol: impl Fn(usize) -> Symbol,
        ) {
            declared.sort_by(|a, b| a.full.cmp(&b.full));
            for (position, one) in declared.iter().enumerate() {
                let package = project.package_of(one.file);
                symbols[package].insert(one.name.text.clone(), (symbol(position), Some(one.at)));
            }
        }
        let (s, p) = (self.symbols.as_mut_slice(), self.project);
        sort((s, p), &mut self.enums, |i| Symbol::Enum(EnumId::at(i)));
        sort((s, p), &mut self.events, |i| Symbol::Event(EventId::at(BUILTIN_EVENTS.len() + i)));
        sort((s, p), &mut self.segments, |i| Symbol::Segment(SegmentId::at(i)));
        sort((s, p), &mut self.lets, |i| Symbol::Let(LetId::at(i)));
        sort((s, p), &mut self.tables, |i| Symbol::Table(TableId::at(i)));
        sort((s, p), &mut self.channels, |i| Symbol::Channel(ChannelId::at(i)));
        sort((s, p), &mut self.placements, |i| Symbol::Placement(PlacementId::at(i)));
        sort((s, p), &mut self.classes, |i| Symbol::Class(ClassId::at(i)));
        sort((s, p), &mut self.purposes, |i| Symbol::Purpose(PurposeId::at(i)));
        sort((s, p), &mut self.messages, |i| Symbol::Message(MessageId::at(i)));
        sort((s, p), &mut self.caps, |i| Symbol::Cap(CapId::at(i)));
        sort((s, p), &mut self.holdouts, |i| Symbol::Holdout(HoldoutId::at(i)));
        sort((s, p), &mut self.experiments, |i| Symbol::Experiment(ExperimentId::at(i)));
        sort((s, p), &mut self.models, |i| Symbol::Model(ModelId::at(i)));
        sort((s, p), &mut self.journeys, |i| Symbol::Journey(JourneyId::at(i)));
        sort((s, p), &mut self.invariants, |_| Symbol::Invariant);
    }

    /// What a bare name in a file stands for.
    pub(crate) fn symbol(&self, file: FileId, name: &str) -> Option<Symbol> {
        self.symbols[self.project.package_of(file)].get(name).map(|(symbol, _)| *symbol)
    }

    /// Where a bare name in a file is declared.
    pub(crate) fn place(&self, file: FileId, name: &str) -> Option<Location> {
        self.symbols[self.project.package_of(file)].get(name).and_then(|(_, at)| *at)
    }

    /// What a name in a file stands for, the name of another project in front or not.
    pub(crate) fn find(&self, file: FileId, path: &Path) -> Option<(Symbol, Option<Location>)> {
        let Some(package) = &path.package else {
            return self.symbols[self.project.package_of(file)].get(&path.name.text).copied();
        };
        let found = self.symbols[self.dependency(file, &package.text)?].get(&path.name.text).copied();
        // Built-in events belong to nobody.
        found.filter(|(_, declared)| declared.is_some())
    }

    /// The package that a file calls so.
    pub(crate) fn dependency(&self, file: FileId, name: &str) -> Option<usize> {
        let own = &self.project.packages()[self.project.package_of(file)];
        own.dependencies.get(name).map(|(package, _)| *package)
    }

    /// The names of the projects that a file's project depends on.
    pub(crate) fn dependencies(&self, file: FileId) -> impl Iterator<Item = &'t str> + use<'t> {
        let own = &self.project.packages()[self.project.package_of(file)];
        own.dependencies.keys().map(SmolStr::as_str)
    }

    /// All that a file can name, as it is written there: its own names in their order, then those of each project.
    pub(crate) fn known(&self, file: FileId) -> Vec<(SmolStr, Symbol)> {
        let package = self.project.package_of(file);
        let own = in_order(&self.symbols[package]).map(|(name, (symbol, _))| (name.clone(), *symbol));
        let others = self.project.packages()[package].dependencies.iter();
        let others = others.flat_map(|(before, (package, _))| {
            let declared = in_order(&self.symbols[*package]).filter(|(_, (_, declared))| declared.is_some());
            declared.map(move |(name, (symbol, _))| (format_smolstr!("{before}.{name}"), *symbol))
        });
        own.chain(others).collect()
    }

    /// How the files of one package write a name of another one that they can reach.
    fn written(&self, from: usize, of: usize, name: &str) -> Option<String> {
        let mut dependencies = self.project.packages()[from].dependencies.iter();
        let (before, _) = dependencies.find(|(_, (package, _))| *package == of)?;
        Some(format!("{before}.{name}"))
    }
}
