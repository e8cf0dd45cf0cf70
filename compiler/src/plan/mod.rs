//! The plan: a policy as data, ready to be decided by.
//!
//! It is what the runtime loads, what the engines evaluate, what is bundled and compared. Everything that a
//! decision can depend on is in it, and nothing else: its SHA-256 is the policy's version. Names, types and
//! units have been resolved, lets and tables are inlined, and what governs a message (consent, suppression,
//! caps, its score) has been instantiated for each of its channels, so that only slots, constants and
//! operations are left.

mod digest;
mod expression;
mod history;
mod journey;
mod kept;
mod message;
mod print;
mod validate;

pub(crate) use digest::Digests;
pub use expression::*;
pub use history::*;
pub use journey::*;
pub use message::*;
pub use validate::PlanError;

use crate::ids::*;
use crate::model::Ensemble;
use crate::types::{Currency, Type};
use crate::value::Value;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::sync::Arc;

/// The version of this form; a plan of another version is refused.
pub const FORMAT: u32 = 1;

/// A whole policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)] // The tables are named for what they hold.
pub struct Plan {
    /// [`FORMAT`]
    pub format: u32,
    /// The policy's name.
    pub policy: SmolStr,
    /// The texts that the policy names; a text's cell is its position.
    pub texts: Vec<SmolStr>,
    /// Those that something asks for, in alphabetical order: the state of customers names them by their place here. After
    /// edits there can be others.
    pub texts_in_order: Vec<TextId>,
    /// Linear-time regular expressions, in the syntax of the `regex` crate.
    pub regexes: Vec<SmolStr>,
    pub enums: Vec<Enum>,
    pub attributes: Vec<Attribute>,
    /// The attribute named `timezone`.
    pub timezone: Option<AttributeId>,
    /// The attribute named `language`.
    pub language: Option<AttributeId>,
    pub events: Vec<Event>,
    /// Each expression once; operands come before what uses them.
    pub exprs: Vec<Node>,
    pub slots: Vec<Slot>,
    pub atoms: Vec<Atom>,
    pub streams: Vec<Stream>,
    pub windows: Vec<Window>,
    pub segments: Vec<Segment>,
    pub channels: Vec<Channel>,
    pub placements: Vec<Placement>,
    pub classes: Vec<Class>,
    pub purposes: Vec<Purpose>,
    pub tags: Vec<SmolStr>,
    /// Shared with other versions of the policy that have the same.
    #[serde(with = "shared::all")]
    pub messages: Vec<Arc<Message>>,
    pub caps: Vec<Cap>,
    /// Suppress rules by their names, `FILE:LINE`.
    pub suppressions: Vec<SmolStr>,
    pub picks: Vec<Pick>,
    pub holdouts: Vec<Holdout>,
    pub experiments: Vec<Experiment>,
    pub journeys: Vec<Journey>,
    pub stops: Vec<Stop>,
    /// Those that something asks.
    pub models: Vec<Model>,
}

impl Plan {
    /// The node of an expression.
    pub fn expr(&self, id: ExprId) -> &Node {
        &self.exprs[id.index()]
    }

    /// Constants of a type in an order that doesn't depend on the numbers of texts.
    pub fn in_order(&self, ty: Type, cells: &[u64]) -> Vec<u64> {
        let mut cells = cells.to_vec();
        if ty.is_text() {
            cells.sort_by_key(|cell| usize::try_from(*cell).ok().and_then(|id| self.texts.get(id)));
        }
        cells
    }

    /// The conditions of a guard, as often as it asks for them.
    pub fn conditions<'p>(&'p self, guard: &'p Guard) -> impl Iterator<Item = ExprId> + 'p {
        // A plan that isn't valid can name an atom that it hasn't.
        guard.literals().filter_map(|literal| self.atoms.get(literal.atom.index())).map(|atom| atom.expr)
    }
}

/// An enum.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Enum {
    pub name: SmolStr,
    pub ordered: bool,
    pub members: Vec<SmolStr>,
}

/// An attribute of the profile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Attribute {
    pub name: SmolStr,
    pub ty: Type,
    pub optional: bool,
    /// Its value where nothing is known; of a set, the empty set; `None` where it is optional.
    pub default: Option<Constant>,
    pub personal: bool,
}

/// A constant that stands outside expressions: an attribute's default, a message's attribute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Constant {
    /// A cell of the type that is known from where it stands, but for texts.
    Cell(u64),
    /// A text.
    Text(TextId),
    /// The empty set.
    EmptySet,
}

impl Constant {
    /// The text, where it is one.
    pub fn text(&self) -> Option<TextId> {
        match self {
            Constant::Text(text) => Some(*text),
            Constant::Cell(_) | Constant::EmptySet => None,
        }
    }

    /// As a value.
    pub fn value(&self) -> Value {
        match self {
            Constant::Cell(cell) => Value::Cell(*cell),
            Constant::Text(text) => Value::Cell(text.0.into()),
            Constant::EmptySet => Value::Set([].into()),
        }
    }
}

/// A type of event. The built-in ones come first ([`crate::builtin`]).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Event {
    pub name: SmolStr,
    pub fields: Vec<Field>,
}

impl Event {
    /// What one is worth, where it meets a goal: its first field of money, by position, with the currency.
    pub fn worth(&self) -> Option<(usize, Currency)> {
        self.fields.iter().enumerate().find_map(|(at, field)| match field.ty {
            Type::Money(currency) => Some((at, currency)),
            _ => None,
        })
    }
}

/// A field of an event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Field {
    pub name: SmolStr,
    pub ty: Type,
    pub optional: bool,
}

/// A segment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Segment {
    pub name: SmolStr,
    pub condition: Guard,
}

/// When an atom can change by time alone. An instant too many does no harm, one too few is an error. What is
/// local can also change at the instant when the zone's clocks do: it belongs to each wake that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wake {
    /// When the window's content changes.
    Window(WindowId),
    /// When the answer of a rolling window, a count or a sum of integers without a further filter, compares
    /// differently with an integer.
    Crosses(WindowId, Comparison, i64),
    /// When this long has passed since the instant that the window gives (`last_time`, `first_time`), and one
    /// microsecond later.
    Since(WindowId, i64),
    /// When the local date changes, forward or back.
    LocalDate,
    /// When the local date comes to lie so many days after the date in a slot (a window's answer or an attribute),
    /// or after 1970-01-01 where there is none, and on the day after.
    OnDate(Option<SlotId>, i64),
    /// When the local time of day (µs) comes, each time that it does.
    LocalTime(i64),
    /// At this instant (µs), and one microsecond later.
    At(i64),
}

impl Wake {
    /// The same with another number for the window, where it looks at one.
    pub(crate) fn with_window(self, number: impl FnOnce(WindowId) -> Option<WindowId>) -> Option<Wake> {
        Some(match self {
            Wake::Window(window) => Wake::Window(number(window)?),
            Wake::Crosses(window, comparison, cell) => Wake::Crosses(number(window)?, comparison, cell),
            Wake::Since(window, length) => Wake::Since(number(window)?, length),
            Wake::LocalDate | Wake::OnDate(..) | Wake::LocalTime(_) | Wake::At(_) => self,
        })
    }
}

/// A channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Channel {
    pub name: SmolStr,
    pub kind: ChannelKind,
    pub quiet: Vec<Quiet>,
    /// µs; what quiet hours held back is spread over it.
    pub spread: i64,
    pub cost: Option<Cost>,
}

/// How a channel reaches the customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelKind {
    /// The customer comes.
    Inbound,
    /// By an address: grants of consent belong to it.
    Address(AttributeId),
    /// By a device's token: consent is the customer's.
    Device(AttributeId),
}

/// What one send costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// 10⁻⁹ of the currency's major unit.
    pub nanos: i64,
    /// Its currency.
    pub currency: Currency,
}

/// A span of quiet hours.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quiet {
    /// µs of the local day, included.
    pub from: i64,
    /// µs of the local day (of the next one where it is not after `from`), not included; 24 h at most.
    pub to: i64,
    /// Bit 0 is monday: the weekdays on which it starts.
    pub weekdays: u8,
    /// Holds only where this does.
    pub when: Option<ExprId>,
}

/// A placement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Placement {
    pub name: SmolStr,
    pub channel: ChannelId,
    pub show: u32,
    /// Position in [`Message::attributes`] of the attribute in which what is shown must differ.
    pub distinct: Option<u32>,
}

/// A message class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Class {
    pub name: SmolStr,
    /// 0 is the first in `rank`.
    pub rank: u32,
    pub ignores_quiet: bool,
    pub ignores_caps: bool,
    pub ignores_suppression: bool,
    pub ignores_holdout: bool,
}

/// A purpose: how it governs each channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Purpose {
    pub name: SmolStr,
    /// By [`ChannelId`]: the first rule whose condition holds decides, and the last has none; empty where the
    /// purpose says nothing of the channel, which then no message with this purpose uses.
    pub channels: Vec<Vec<ConsentRule>>,
}

/// A cap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Cap {
    pub name: SmolStr,
    pub limit: u32,
    pub span: CapSpan,
    pub selector: Selector,
    pub per: Option<CapPer>,
}

/// Over what time a cap counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum CapSpan {
    /// µs
    Rolling(i64),
    Day,
    Week,
    Month,
}

/// What a cap counts separately for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum CapPer {
    Message,
    Tag,
    Channel,
}

/// Which messages a rule governs, each list empty where it says nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Selector {
    /// Of one of these classes.
    pub classes: Vec<ClassId>,
    /// With one of these tags.
    pub tags: Vec<TagId>,
    /// On one of these channels.
    pub channels: Vec<ChannelId>,
}

impl Selector {
    /// Whether it governs a message of this class, with these tags, on this channel.
    pub fn matches(&self, class: ClassId, tags: &[TagId], channel: ChannelId) -> bool {
        (self.classes.is_empty() || self.classes.contains(&class))
            && (self.tags.is_empty() || self.tags.iter().any(|tag| tags.contains(tag)))
            && (self.channels.is_empty() || self.channels.contains(&channel))
    }
}

/// A limit of one decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Pick {
    pub limit: u32,
    pub per_channel: bool,
}

/// A holdout.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Holdout {
    pub name: SmolStr,
    pub share: f64,
    pub classes: Vec<ClassId>,
    pub salt: SmolStr,
}

/// An experiment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Experiment {
    pub name: SmolStr,
    /// Each with its share, in the order of the text.
    pub arms: Vec<(SmolStr, f64)>,
    pub salt: SmolStr,
    pub goal: Option<Goal>,
}

/// A model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// As it is declared.
    pub name: SmolStr,
    /// What stands in its rows: numbers, amounts, members, truth values; what is unknown is missing, and where
    /// nothing stands the model doesn't look.
    pub row: Vec<Option<ExprId>>,
    /// What answers for a row.
    #[serde(with = "shared")]
    pub ensemble: Arc<Ensemble>,
}

impl Model {
    /// The expressions in its rows.
    pub fn exprs(&self) -> impl Iterator<Item = ExprId> {
        self.row.iter().flatten().copied()
    }
}

/// What is large and shared is written as if it stood here.
mod shared {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::sync::Arc;

    pub(super) fn serialize<T: Serialize, S: Serializer>(
        shared: &Arc<T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        T::serialize(shared, serializer)
    }

    pub(super) fn deserialize<'d, T: Deserialize<'d>, D: Deserializer<'d>>(
        deserializer: D,
    ) -> Result<Arc<T>, D::Error> {
        T::deserialize(deserializer).map(Arc::new)
    }

    /// A list of such.
    pub(super) mod all {
        use super::*;

        pub(in crate::plan) fn serialize<T: Serialize, S: Serializer>(
            shared: &[Arc<T>],
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            serializer.collect_seq(shared.iter().map(Arc::as_ref))
        }

        pub(in crate::plan) fn deserialize<'d, T: Deserialize<'d>, D: Deserializer<'d>>(
            deserializer: D,
        ) -> Result<Vec<Arc<T>>, D::Error> {
            Ok(Vec::<T>::deserialize(deserializer)?.into_iter().map(Arc::new).collect())
        }
    }
}
