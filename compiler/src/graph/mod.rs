//! Policies as diagrams: each journey as the state machine that it is, and which event leads to which message on
//! which channel.
//!
//! A [`Diagram`] is cards and arrows and says nothing of where they lie. [`svg`] lays them out and draws them, with no
//! help from elsewhere; [`dot`] and [`mermaid`] hand them to other programs.

mod dot;
mod flow;
mod journey;
mod layout;
mod markup;
mod mermaid;
mod svg;
mod text;

pub use dot::dot;
pub use markup::markup;
pub use mermaid::mermaid;
pub use svg::svg;

use crate::ids::JourneyId;
use crate::plan::Plan;

/// Cards and arrows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Diagram {
    /// What it shows.
    pub name: String,
    /// What kind of thing that is.
    pub caption: String,
    /// What is true of the whole, as words and values.
    pub facts: Vec<(String, String)>,
    /// The cards. Of a flow their columns are given.
    pub cards: Vec<Card>,
    /// Arrows between cards.
    pub arrows: Vec<Arrow>,
    /// From left to right, in columns; else from top to bottom.
    pub in_columns: bool,
}

/// A card.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// What it stands for.
    pub kind: Kind,
    /// Its heading.
    pub title: String,
    /// More about it, in the words of the language.
    pub lines: Vec<String>,
    /// In diagrams that have columns, which one.
    pub column: u32,
}

/// What cards stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)] // The words of the language.
pub enum Kind {
    Event,
    Journey,
    Wait,
    Await,
    Message,
    Branch,
    Split,
    Repeat,
    Again,
    Together,
    Join,
    Set,
    Emit,
    Enter,
    End,
    Channel,
    Placement,
}

impl Kind {
    /// What the legend says.
    pub fn words(self) -> &'static str {
        match self {
            Kind::Event => "what starts it",
            Kind::Journey => "journey",
            Kind::Wait => "wait",
            Kind::Await => "wait for an event",
            Kind::Message => "message",
            Kind::Branch => "condition",
            Kind::Split => "experiment",
            Kind::Repeat | Kind::Again => "repetition",
            Kind::Together | Kind::Join => "side by side",
            Kind::Set => "attribute set",
            Kind::Emit => "told to others",
            Kind::Enter => "another journey",
            Kind::End => "end",
            Kind::Channel => "channel",
            Kind::Placement => "placement",
        }
    }
}

/// An arrow.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrow {
    /// Position of the card that it leaves.
    pub from: usize,
    /// Position of the card that it reaches.
    pub to: usize,
    /// When it is taken.
    pub label: Option<String>,
    /// Which way it is.
    pub line: Line,
}

/// What an arrow means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// As it goes on.
    Plain,
    /// Where a condition holds, or what is waited for has happened.
    Yes,
    /// Where it doesn't.
    No,
    /// Where a message couldn't be sent.
    Fallback,
    /// Back to the beginning of a repetition.
    Back,
    /// It ends a journey.
    Stop,
}

/// The diagrams of a policy: its message flow and all its journeys, or one of these.
pub fn diagrams(plan: &Plan, only: Option<JourneyId>) -> Vec<Diagram> {
    let journeys = (0..plan.journeys.len()).map(JourneyId::at);
    match only {
        Some(id) => vec![journey::diagram(plan, id)],
        None => std::iter::once(flow::diagram(plan))
            .chain(journeys.map(|id| journey::diagram(plan, id)))
            .filter(|diagram| !diagram.cards.is_empty())
            .collect(),
    }
}

#[cfg(test)]
mod tests;
