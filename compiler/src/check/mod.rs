//! From syntax trees to the checked policy and everything that is wrong with it.
//!
//! The order is that of the language reference: vocabulary (§6), channels, classes, messages and rules (§7),
//! consent (§8), experiments (§11); journeys (§10), tests and invariants (§12) are looked at for their names and
//! types.

mod channel;
mod consent;
mod consequences;
mod content;
mod coverage;
mod definition;
mod experiment;
mod expression;
pub(crate) mod journey;
mod literal;
mod lookup;
mod message;
mod model;
mod occurrence;
mod repeated;
mod rule;
mod scope;
mod syntax;
mod test_block;
#[cfg(test)]
mod tests;
mod time;
pub(crate) mod types;
mod vocabulary;

use crate::checked::{Checked, Constant, Definition, Expr, Location};
use crate::diagnostic::{self, Diagnostic, Severity};
use crate::ids::*;
use crate::limits::DECLARATIONS;
use crate::lint;
use crate::mistakes::{self, Found};
use crate::resolve::{Names, resolve};
use crate::source::Project;
use crate::types::Type;
use comity_grammar::{Parsed, parse_all, tree};
use definition::Progress;
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

/// What is known of a project.
#[derive(Clone, Debug, Default)]
pub struct Analysis {
    /// The policy, as complete as it can be; without errors, it can be lowered to a plan.
    pub checked: Checked,
    /// All that was found, in the order in which it is shown.
    pub diagnostics: Vec<Diagnostic>,
    /// The syntax tree of each file, by its id: those of the project's own files come first.
    pub trees: Vec<tree::File>,
}

impl Analysis {
    /// Whether the policy can't be decided by.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }
}

/// Checks a project. Never fails: it returns what is known and all the diagnostics.
pub fn check(project: &Project) -> Analysis {
    look(project, true)
}

/// The same for a part of a project, in which much would only seem to be unused: no lint is asked.
pub(crate) fn check_part(project: &Project) -> Analysis {
    look(project, false)
}

fn look(project: &Project, is_whole: bool) -> Analysis {
    let mut diagnostics = project.problems().to_vec();
    if diagnostics.iter().any(mistakes::too_much::is) {
        return Analysis { diagnostics, ..Analysis::default() };
    }
    let texts: Vec<&str> = project.files().iter().map(|file| file.text.as_str()).collect();
    let mut parsed: Vec<Parsed> = parse_all(&texts);
    let declarations = parsed.iter().map(|one| one.file.declarations.len()).sum();
    if declarations > DECLARATIONS {
        diagnostics = vec![mistakes::too_much::declarations(declarations)];
        return Analysis { diagnostics, ..Analysis::default() };
    }
    let mut mistakes = Vec::new();
    for (position, (file, parsed)) in project.files().iter().zip(&mut parsed).enumerate() {
        let problems = syntax::problems(FileId::at(position), file, parsed);
        if problems.is_empty() {
            // Nobody asks for its tokens any more: what follows has their room.
            parsed.tokens = Vec::new();
        }
        mistakes.extend(problems);
    }
    let trees: Vec<tree::File> = parsed.iter_mut().map(|parsed| std::mem::take(&mut parsed.file)).collect();
    // Of what can't be read at all, no name is known.
    let lacks = |one: &Diagnostic| mistakes::dependency_unusable::lacks(one) || mistakes::not_utf8::is(one);
    if diagnostics.iter().any(lacks) {
        diagnostics.extend(mistakes);
        diagnostic::sort(&mut diagnostics);
        return Analysis { diagnostics, trees, ..Analysis::default() };
    }
    let (names, problems) = resolve(project, &trees);
    let mut checker = Checker::new(project, &names);
    checker.diagnostics.extend(problems);
    checker.policy();
    let Checker { checked, diagnostics: found, .. } = checker;
    diagnostics.extend(consequences::left_out(found, &mistakes, project, &parsed, &trees));
    if !mistakes.is_empty() {
        // Messages may be in what couldn't be read.
        diagnostics.retain(|one| !mistakes::no_messages::is(one));
    }
    diagnostics.extend(mistakes);
    // In a policy with errors, much would only seem to be unused or impossible.
    if is_whole && diagnostics.iter().all(|one| one.severity != Severity::Error) {
        diagnostics.extend(lint::find(&names, &checked));
    }
    // What other projects might do better is for their authors to hear, when they check them.
    diagnostics.retain(|one| {
        one.code.lint_name().is_none() || one.location().is_none_or(|at| project.is_own(at.file))
    });
    lint::weigh(&project.manifest, &mut diagnostics);
    diagnostic::sort(&mut diagnostics);
    diagnostics = repeated::told_once(diagnostics, project);
    Analysis { checked, diagnostics, trees }
}

/// An attribute of every message.
struct MessageAttribute {
    name: SmolStr,
    ty: Type,
    default: Option<Constant>,
    at: Location,
}

/// What the checker knows so far.
struct Checker<'t> {
    project: &'t Project,
    names: &'t Names<'t>,
    checked: Checked,
    diagnostics: Vec<Diagnostic>,
    message_attributes: Vec<MessageAttribute>,
    /// Attributes whose declaration was wrong; using them is no further mistake.
    broken_attributes: BTreeSet<SmolStr>,
    /// Events with a field whose declaration was wrong.
    broken_events: BTreeSet<EventId>,
    /// Tables whose parameters or result were wrong.
    broken_tables: BTreeSet<TableId>,
    /// Attributes of messages whose declaration was wrong.
    broken_message_attributes: BTreeSet<SmolStr>,
    /// Placements whose channel isn't known.
    broken_placements: BTreeSet<PlacementId>,
    /// Purposes with a rule for a channel that isn't known.
    broken_purposes: BTreeSet<PurposeId>,
    /// Messages with a purpose that isn't known.
    unclear_purposes: BTreeSet<MessageId>,
    progress: BTreeMap<Definition, Progress>,
    /// The definitions that are being checked, each with the place that asked for it.
    stack: Vec<(Definition, Location)>,
    /// Where local time is used, and how.
    local_time: Vec<(Location, &'static str)>,
    /// Where `consent(p, c)` is asked for.
    asked_consents: Vec<(PurposeId, ChannelId, Location)>,
    /// The journeys that send each message, as positions.
    senders: BTreeMap<MessageId, BTreeSet<usize>>,
    /// Whether a journey sends something that isn't known: any message may be meant.
    lost_sends: bool,
    /// Where each tag of a selector stands.
    selected_tags: Vec<(SmolStr, Location)>,
}

impl<'t> Checker<'t> {
    fn new(project: &'t Project, names: &'t Names<'t>) -> Self {
        let checked = Checked { name: project.manifest.name.clone(), ..Checked::default() };
        Checker {
            project,
            names,
            checked,
            diagnostics: Vec::new(),
            message_attributes: Vec::new(),
            broken_attributes: BTreeSet::new(),
            broken_events: BTreeSet::new(),
            broken_tables: BTreeSet::new(),
            broken_message_attributes: BTreeSet::new(),
            broken_placements: BTreeSet::new(),
            broken_purposes: BTreeSet::new(),
            unclear_purposes: BTreeSet::new(),
            progress: BTreeMap::new(),
            stack: Vec::new(),
            local_time: Vec::new(),
            asked_consents: Vec::new(),
            senders: BTreeMap::new(),
            lost_sends: false,
            selected_tags: Vec::new(),
        }
    }

    fn policy(&mut self) {
        self.vocabulary();
        self.tags();
        self.experiments();
        self.channel_kinds();
        self.classes();
        self.every_message();
        self.announce_rest();
        self.announce_definitions();
        self.definitions();
        self.channels();
        self.placements();
        self.purposes();
        self.senders();
        self.messages();
        self.caps();
        self.suppressions();
        self.arbitrate();
        self.holdouts();
        self.experiment_goals();
        self.models();
        self.journeys();
        self.invariants();
        self.tests();
        self.consent_coverage();
        self.time_zone();
        self.unused_tags();
        self.any_message();
        let unclear = |message| self.unclear_purposes.contains(&message);
        let flows = crate::flow::violations(&self.checked, unclear);
        self.diagnostics.extend(flows);
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Notes that local time is needed.
    fn uses_local_time(&mut self, at: Location, how: &'static str) {
        self.local_time.push((at, how));
    }

    /// A value, as far as messages speak of it.
    fn found(&self, expr: &Expr) -> Found {
        Found { ty: expr.ty, optional: expr.optional, at: expr.at, written: self.quote(expr.at) }
    }

    /// What stands at a place, as a value of a type.
    fn found_at(&self, ty: Type, at: Location) -> Found {
        Found { ty, optional: false, at, written: self.quote(at) }
    }

    /// What stands at a place, if it is short enough to be quoted.
    fn quote(&self, at: Location) -> Option<String> {
        let (_, text) = self.project.file(at.file)?;
        let text = text.get(at.span.range())?;
        (!text.is_empty() && text.len() <= 60 && !text.contains('\n')).then(|| text.to_owned())
    }
}
