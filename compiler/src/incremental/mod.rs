//! A policy that is kept compiled while its text changes: where one message of ten thousand is edited, only that one
//! is read, checked and lowered anew.
//!
//! A message depends on the rest of the policy, but hardly on other messages. So the edited one is compiled within a small
//! policy, which has of the whole all but the tests and those messages and journeys that have nothing to do with it
//! ([`beside`]); what comes out is *grafted* onto the plan, where expressions and conditions that are there already are
//! shared ([`graft`]). The version of the plan is that of the whole text, for it is a hash of what the plan says
//! ([`crate::plan::Plan::hash`]).
//!
//! What the message is the first to ask for (texts, slots, parts of the history) comes to the end of the tables, and what
//! it was the last to ask for goes ([`uses`]), so that the same is kept of customers as by the whole text.
//!
//! Whatever isn't certain to be a matter of the message alone has the whole compiled anew: mistakes; another name, class
//! or occasion; a model, or journeys and other messages' deliveries for which nobody asked before.

mod beside;
mod graft;
#[cfg(test)]
mod tests;
mod uses;

use crate::check::check_part;
use crate::compile::{Compiled, compile};
use crate::ids::*;
use crate::limits::FILE_SIZE;
use crate::lower::lower;
use crate::plan::{Digests, Plan};
use crate::source::{LintLevel, Project};
use beside::{Position, Relations};
use comity_grammar::tree;
use graft::{Known, graft};
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;
use uses::Uses;

/// A policy that is kept compiled while its text changes.
pub struct Incremental {
    project: Project,
    whole: Compiled,
    /// Of the text as it is now; `None` where that has errors.
    plan: Option<Arc<Plan>>,
    /// Where there is a plan.
    parts: Option<Parts>,
}

/// What came of an edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edited {
    /// The plan differs from the one before in these messages only, ascending, and in what is kept for them: of expressions,
    /// conditions, slots, texts and regular expressions there may be more at the end, slots for which nobody asks any more
    /// hold nothing, and windows and streams are those that are asked for now.
    Messages(Vec<MessageId>),
    /// All was compiled anew ([`Incremental::whole`]).
    Whole,
}

/// What is known of a policy without errors, so that single messages can be compiled.
struct Parts {
    /// All but messages, journeys and tests.
    head: Project,
    /// By file: how many declarations that are.
    head_declarations: Vec<usize>,
    /// By file: what is declared there, in the order of the text.
    declared: Vec<Vec<Declared>>,
    known: Known,
    uses: Uses,
    digests: Digests,
    relations: Relations,
    /// From so many expressions on, most of them would be those of messages that have changed since.
    most_exprs: usize,
}

struct Declared {
    place: Range<usize>,
    kind: Kind,
}

enum Kind {
    Message(SmolStr),
    Journey(SmolStr),
    /// It is named for its line.
    Suppress,
    Other,
}

impl Incremental {
    /// Compiles a project.
    pub fn new(project: Project) -> Incremental {
        let whole = compile(&project);
        let plan = whole.plan.clone();
        let parts = plan.as_ref().and_then(|plan| Parts::of(&project, &whole, plan));
        Incremental { project, whole, plan, parts }
    }

    /// What came of the whole when it was last compiled, with all that is wrong with it: that is, when
    /// [`Incremental::edit`] last said [`Edited::Whole`], or at the beginning.
    ///
    /// Its places are those of the text at that time; of conditions that have been edited since, it isn't known where they
    /// stand, and windows and streams can have other numbers in the plan as it is now.
    pub fn whole(&self) -> &Compiled {
        &self.whole
    }

    /// The project as it is now.
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// The plan of the text as it is now; `None` where that has errors.
    pub fn plan(&self) -> Option<&Arc<Plan>> {
        self.plan.as_ref()
    }

    /// The version of the plan, as [`Plan::hash`] gives it, without looking at the whole plan.
    pub fn version(&self) -> Option<[u8; 32]> {
        match (&self.parts, &self.plan) {
            (Some(parts), _) => Some(parts.digests.version()),
            (None, plan) => plan.as_ref().map(|plan| plan.hash()),
        }
    }

    /// A file of the project has another text now.
    pub fn edit(&mut self, file: FileId, text: String) -> Edited {
        if let Some(edit) = self.edit_of_message(file, &text)
            && let (Some(parts), Some(plan)) = (&mut self.parts, &mut self.plan)
            && let Some(changed) =
                parts.amended(&self.project, plan, (file, &edit), &text[edit.place.clone()])
        {
            *plan = changed;
            parts.moved(file, &edit);
            self.project.set_text(file, text);
            return Edited::Messages(vec![edit.message]);
        }
        if self.project.file(file).is_some_and(|(_, old)| old == text) {
            return Edited::Messages(Vec::new());
        }
        self.anew(file, text)
    }

    fn anew(&mut self, file: FileId, text: String) -> Edited {
        *self = Incremental::new(self.project.edited(&BTreeMap::from([(file, text)])));
        Edited::Whole
    }

    /// The edit, where it lies within one declaration.
    fn edit_of_message(&self, file: FileId, text: &str) -> Option<Edit> {
        let (parts, plan) = (self.parts.as_ref()?, self.plan.as_ref()?);
        let (_, old) = self.project.file(file).filter(|_| text.len() <= FILE_SIZE)?;
        let changed = difference(old.as_bytes(), text.as_bytes());
        let declared = parts.declared.get(file.index())?;
        let at = declared.partition_point(|one| one.place.end < changed.end);
        let Declared { place: before, kind: Kind::Message(name) } = declared.get(at)? else { return None };
        // Its first and its last character are left: what stands before and behind it is read as before.
        if changed.start <= before.start || changed.end >= before.end || !self.project.is_own(file) {
            return None;
        }
        let place = before.start..(before.end + text.len()).checked_sub(old.len())?;
        let lines = |text: &str| text.bytes().filter(|byte| *byte == b'\n').count();
        let has_other_lines = lines(old.get(before.clone())?) != lines(text.get(place.clone())?);
        let message = MessageId::at(plan.messages.binary_search_by(|one| one.name.cmp(name)).ok()?);
        Some(Edit { at, place, message, has_other_lines })
    }
}

/// An edit within one declaration.
struct Edit {
    /// The declaration's position in its file.
    at: usize,
    /// Where it stands now.
    place: Range<usize>,
    message: MessageId,
    /// Whether what follows stands on other lines now.
    has_other_lines: bool,
}

impl Parts {
    fn of(project: &Project, whole: &Compiled, plan: &Plan) -> Option<Parts> {
        // What is denied may be seen in the whole only.
        if project.manifest.lints.values().any(|level| *level == LintLevel::Deny) {
            return None;
        }
        let mut heads = BTreeMap::new();
        let (mut declared, mut head_declarations) = (Vec::new(), Vec::new());
        for (at, (file, tree)) in project.files().iter().zip(&whole.analysis.trees).enumerate() {
            let mut head = String::new();
            head_declarations.push(0);
            for declaration in tree.declarations.iter().filter(|one| belongs_to_head(&one.kind)) {
                head.push_str(file.text.get(declaration.span.range())?);
                head.push('\n');
                head_declarations[at] += 1;
            }
            heads.insert(FileId::at(at), head);
            declared.push(tree.declarations.iter().map(Declared::of).collect());
        }
        Some(Parts {
            head: project.edited(&heads),
            head_declarations,
            relations: Relations::of(project, &declared, &whole.analysis.checked, plan),
            declared,
            known: Known::of(plan),
            uses: Uses::of(plan),
            digests: Digests::of(plan),
            most_exprs: plan.exprs.len() * 2 + 1_000,
        })
    }

    /// The plan with another text of a message, if that can be had without the rest. The project is that before the edit.
    fn amended(
        &mut self,
        project: &Project,
        plan: &Arc<Plan>,
        (file, edit): (FileId, &Edit),
        text: &str,
    ) -> Option<Arc<Plan>> {
        let (id, declared) = (edit.message, &self.declared[file.index()]);
        let has_suppressions = || declared.iter().any(|one| matches!(one.kind, Kind::Suppress));
        if edit.has_other_lines && has_suppressions() {
            return None;
        }
        let beside = self.relations.beside(plan, id)?;
        let small = check_part(&self.small(project, &beside, file, text)?);
        // The text may have become that of several declarations.
        let beside_it = beside.iter().filter(|(other, _)| *other == file).count();
        let declarations = &small.trees.get(file.index())?.declarations;
        if small.has_errors() || declarations.len() != self.head_declarations[file.index()] + beside_it + 1 {
            return None;
        }
        let tables = (&mut self.known, &mut self.uses, &mut self.digests);
        let amended = graft(tables, plan, &lower(&small.checked).plan, id)?;
        (amended.exprs.len() <= self.most_exprs).then(|| Arc::new(amended))
    }

    /// A project of the head, the declarations beside a message, and the message in its file.
    fn small(
        &self,
        project: &Project,
        beside: &BTreeSet<Position>,
        file: FileId,
        text: &str,
    ) -> Option<Project> {
        let mut texts = BTreeMap::new();
        let pieces = beside.iter().map(|(file, at)| {
            let place = self.declared[file.index()].get(*at)?.place.clone();
            Some((*file, project.file(*file)?.1.get(place)?))
        });
        for piece in pieces.chain([Some((file, text))]) {
            let (file, piece) = piece?;
            let (_, head) = self.head.file(file)?;
            let text = texts.entry(file).or_insert_with(|| head.to_owned());
            text.push_str(piece);
            text.push('\n');
        }
        Some(self.head.edited(&texts))
    }

    /// What follows an edit stands elsewhere now.
    fn moved(&mut self, file: FileId, edit: &Edit) {
        let declared = &mut self.declared[file.index()];
        let before = std::mem::replace(&mut declared[edit.at].place.end, edit.place.end);
        for Declared { place, .. } in &mut declared[edit.at + 1..] {
            *place = place.start + edit.place.end - before..place.end + edit.place.end - before;
        }
    }
}

impl Declared {
    fn of(declaration: &tree::Declaration) -> Declared {
        let kind = match &declaration.kind {
            tree::DeclarationKind::Message(message) => Kind::Message(message.name.text.clone()),
            tree::DeclarationKind::Journey(journey) => Kind::Journey(journey.name.text.clone()),
            tree::DeclarationKind::Suppress(_) => Kind::Suppress,
            _ => Kind::Other,
        };
        Declared { place: declaration.span.range(), kind }
    }
}

/// Whether each message may depend on it.
fn belongs_to_head(kind: &tree::DeclarationKind) -> bool {
    use tree::DeclarationKind::*;
    !matches!(kind, Message(_) | Journey(_) | Test(_) | Invariant(_))
}

/// Where a text differs from another: from the first byte that isn't the same to behind the last one, as a place in the
/// first text.
fn difference(old: &[u8], new: &[u8]) -> Range<usize> {
    let start = same(old.iter(), new.iter(), old.chunks(BLOCK).zip(new.chunks(BLOCK)));
    let (old, new) = (&old[start..], &new[start..]);
    let end = same(old.iter().rev(), new.iter().rev(), old.rchunks(BLOCK).zip(new.rchunks(BLOCK)));
    start..start + old.len() - end
}

/// So many bytes are compared at once.
const BLOCK: usize = 1 << 12;

/// How many bytes are the same: first blocks of them, then each.
fn same<'t>(
    old: impl Iterator<Item = &'t u8>,
    new: impl Iterator<Item = &'t u8>,
    blocks: impl Iterator<Item = (&'t [u8], &'t [u8])>,
) -> usize {
    let first = blocks.take_while(|(old, new)| old == new && old.len() == BLOCK).count() * BLOCK;
    first + old.skip(first).zip(new.skip(first)).take_while(|(old, new)| old == new).count()
}
