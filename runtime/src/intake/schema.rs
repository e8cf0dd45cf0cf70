//! What a policy knows of the world outside, ready to be looked up while a line is read.

use super::forms;
use super::rejection::{Rejection, did_you_mean, quoted};
use super::scan::Quoted;
use super::standing::is_of_standing;
use super::words::{Word, Words};
use crate::profile::Record;
use comity_compiler::builtin::{self, BUILTIN_EVENTS};
use comity_compiler::ids::*;
use comity_compiler::plan::{Plan, Source, Trigger};
use comity_compiler::types::{Currency, Element, Type};
use comity_compiler::value::Value;
use rustc_hash::FxHashSet;
use smol_str::SmolStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Reads the events and profiles of one policy.
pub struct Schema {
    texts: Words,
    /// Those of them that are codes of countries.
    countries: Words,
    /// Those of them that are tags of languages, in the form that is kept.
    languages: Words,
    names: Arc<[Names]>,
    pub(super) lists: Lists,
    /// Empty where no type needs them.
    zones: Arc<FxHashSet<SmolStr>>,
    type_names: Words,
    types: Vec<EventType>,
    /// By their ids; of the built-in ones nothing.
    pub(super) events: Vec<RecordForm>,
    pub(super) attributes: Vec<FieldForm>,
    pub(super) attribute_order: Order,
    /// What is known of the attributes of a customer of whom nothing is known.
    pub(super) blank: Record,
    attribute_names: Words,
    pub(super) builtin: BuiltinForms,
}

/// A type of event by what is done with its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EventType {
    Declared(EventId),
    Identify,
    ConsentGranted,
    ConsentWithdrawn,
    Merge,
    Sent,
    Delivery(EventId),
}

/// The data of the built-in events, as they come in.
pub(super) struct BuiltinForms {
    pub(super) granted: RecordForm,
    pub(super) withdrawn: RecordForm,
    pub(super) merge: RecordForm,
    /// For each of them by its id, from `delivered` on.
    pub(super) deliveries: Vec<RecordForm>,
    /// An entry of a profile's `consents`.
    pub(super) consent: RecordForm,
}

/// An object with fields of known types.
pub(super) struct RecordForm {
    /// Fields whose keys must not be misspelt: what would be ignored is what a consent is for, or that there is none.
    pub(super) guarded: &'static [&'static str],
    /// For messages: "`purchase`".
    pub(super) owner: String,
    pub(super) fields: Vec<FieldForm>,
    pub(super) order: Order,
    /// A bit for each of the first 64 that has to be there.
    pub(super) required: u64,
}

impl RecordForm {
    /// Why a key that the form doesn't have is refused, if it is.
    pub(super) fn misspelt(&self, key: &str) -> Option<Rejection> {
        let is_known = |name: &FieldForm| *name.name == *key;
        if self.guarded.is_empty() || self.fields.iter().any(is_known) {
            return None;
        }
        // A withdrawal is one, whatever else is said.
        let grants = self.guarded.contains(&"confirmed");
        let hint = match grants && is_of_standing(key) {
            true if self.guarded.contains(&"withdrawn") => Some(
                "where it was withdrawn, write `\"withdrawn\": true`, and when in `time`; else leave it out"
                    .to_owned(),
            ),
            true => Some(
                "who has withdrawn is told by `consent_withdrawn`, who agrees by `consent_granted`"
                    .to_owned(),
            ),
            false => did_you_mean(key, self.guarded.iter().copied()),
        };
        hint.map(|hint| Rejection::Misspelt { key: quoted(key), owner: self.owner.clone(), hint })
    }
}

/// In which order senders write the fields of an object, as far as that was seen: each of them always in one, most of
/// them all in the same. It only makes reading fast, and changes nothing of what is read.
pub(super) struct Order(Box<[AtomicU32]>);

impl Order {
    fn new(fields: usize) -> Order {
        Order((0..=fields as u32).map(AtomicU32::new).collect())
    }

    /// The field that came last behind another one, or as the first.
    #[inline]
    pub(super) fn behind(&self, at: Option<usize>) -> usize {
        let place = self.0.get(at.map_or(0, |at| at + 1));
        place.map_or(usize::MAX, |next| next.load(Ordering::Relaxed) as usize)
    }

    /// That a field came behind another one, or as the first.
    pub(super) fn comes(&self, next: usize, at: Option<usize>) {
        if let Some(place) = self.0.get(at.map_or(0, |at| at + 1)) {
            place.store(next as u32, Ordering::Relaxed);
        }
    }
}

pub(super) struct FieldForm {
    pub(super) name: Box<str>,
    pub(super) quoted: Quoted,
    pub(super) form: Form,
    pub(super) optional: bool,
    /// Whether anything reads it.
    pub(super) keep: bool,
    /// Whether it may stand in messages.
    pub(super) personal: bool,
}

/// How a value of a type is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Bool,
    Int,
    Number,
    Percent,
    Money {
        currency: Currency,
        decimals: u32,
    },
    Duration,
    Time,
    Date,
    Instant,
    Text,
    Country,
    Language,
    Timezone,
    Email,
    Phone,
    Url,
    /// One of the names in this list of the schema.
    Name(usize),
    Set(Box<Form>),
    /// A text that names something outside the policy: never interned, never empty.
    Id,
}

/// Names of one kind of thing.
pub(super) struct Names {
    /// "a member of `Tier`"
    noun: String,
    list: Vec<SmolStr>,
    positions: Words,
}

impl Names {
    fn new(noun: String, list: impl IntoIterator<Item = SmolStr>) -> Names {
        let list: Vec<SmolStr> = list.into_iter().collect();
        let positions = Words::new((0..).zip(&list));
        Names { noun, list, positions }
    }

    #[inline]
    pub(super) fn find(&self, name: &str) -> Option<u32> {
        self.positions.find(name.as_bytes())
    }

    /// The same of a short one.
    #[inline]
    pub(super) fn position(&self, name: Word) -> Option<u32> {
        self.positions.find_word(name)
    }

    pub(super) fn hint(&self, name: &str) -> Option<String> {
        did_you_mean(name, self.list.iter().map(SmolStr::as_str))
    }

    fn expected(&self) -> String {
        const FEW: usize = 6;
        match &*self.list {
            [] => format!("{} (the policy has none)", self.noun),
            list if list.len() <= FEW => {
                let names: Vec<String> = list.iter().map(|name| format!("{name:?}")).collect();
                format!("{}, one of {}", self.noun, names.join(", "))
            }
            [first, ..] => format!("{} such as {first:?}", self.noun),
        }
    }
}

/// Where the lists of names begin; the enums come first.
#[derive(Clone, Copy)]
pub(super) struct Lists {
    pub(super) channels: usize,
    classes: usize,
    pub(super) messages: usize,
    purposes: usize,
    weekdays: usize,
    experiments: usize,
}

impl Lists {
    fn form(&self, ty: Type) -> Form {
        match ty {
            Type::Bool => Form::Bool,
            Type::Int => Form::Int,
            Type::Number => Form::Number,
            Type::Percent => Form::Percent,
            Type::Money(currency) => Form::Money { currency, decimals: currency.decimals() },
            Type::Duration => Form::Duration,
            Type::Time => Form::Time,
            Type::Date => Form::Date,
            Type::Instant => Form::Instant,
            Type::Text => Form::Text,
            Type::Country => Form::Country,
            Type::Language => Form::Language,
            Type::Timezone => Form::Timezone,
            Type::Email => Form::Email,
            Type::Phone => Form::Phone,
            Type::Url => Form::Url,
            Type::Enum(id) => Form::Name(id.index()),
            Type::Set(Element::Text) => Form::Set(Box::new(Form::Text)),
            Type::Set(Element::Int) => Form::Set(Box::new(Form::Int)),
            Type::Set(Element::Enum(id)) => Form::Set(Box::new(Form::Name(id.index()))),
            Type::Channel => Form::Name(self.channels),
            Type::Class => Form::Name(self.classes),
            Type::Message => Form::Name(self.messages),
            Type::Purpose => Form::Name(self.purposes),
            Type::Weekday => Form::Name(self.weekdays),
            Type::Arm(id) => Form::Name(self.experiments + id.index()),
        }
    }
}

const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

impl Schema {
    /// Of a plan. A line's cells mean what they mean in this plan.
    pub fn new(plan: &Plan) -> Schema {
        let (names, lists) = names(plan);
        Schema::with(plan, names.into(), lists, None)
    }

    /// Of a plan that declares the same, but can ask for other texts and fields.
    pub(crate) fn amended(&self, plan: &Plan) -> Schema {
        Schema::with(plan, Arc::clone(&self.names), self.lists, Some(Arc::clone(&self.zones)))
    }

    fn with(
        plan: &Plan,
        names: Arc<[Names]>,
        lists: Lists,
        zones: Option<Arc<FxHashSet<SmolStr>>>,
    ) -> Schema {
        let attributes: Vec<FieldForm> = plan
            .attributes
            .iter()
            .map(|attribute| FieldForm {
                name: attribute.name.as_str().into(),
                quoted: Quoted::new(&attribute.name),
                form: lists.form(attribute.ty),
                optional: attribute.optional,
                keep: true,
                personal: attribute.personal,
            })
            .collect();
        let looked_at = LookedAt::of(plan);
        let events: Vec<RecordForm> =
            (0..plan.events.len()).map(|at| event_form(plan, &lists, &looked_at, EventId::at(at))).collect();
        let mut zoned = attributes.iter().chain(events.iter().flat_map(|event| &event.fields));
        let all_zones = || comity_compiler::forms::timezones().into_iter().map(Into::into).collect();
        let zones = zones.unwrap_or_else(|| match zoned.any(|field| field.form == Form::Timezone) {
            true => Arc::new(all_zones()),
            false => Arc::default(),
        });
        let some =
            |is: &dyn Fn(&str) -> bool| Words::new((0..).zip(&plan.texts).filter(|(_, text)| is(text)));
        Schema {
            countries: some(&|text| forms::country(text).is_ok()),
            languages: some(&|text| forms::language(text).is_ok_and(|tag| tag == text)),
            texts: Words::new((0..).zip(&plan.texts)),
            names,
            lists,
            zones,
            type_names: Words::new((0..).zip(plan.events.iter().map(|event| &event.name))),
            types: (0..plan.events.len()).map(|at| event_type(EventId::at(at))).collect(),
            events,
            attribute_names: Words::new((0..).zip(plan.attributes.iter().map(|attribute| &attribute.name))),
            attribute_order: Order::new(attributes.len()),
            blank: Record::blank(plan),
            attributes,
            builtin: builtin_forms(&lists),
        }
    }

    /// Why a field of a consent is refused that isn't known: it must not be ignored what somebody has agreed to.
    pub fn misspelt_in_consent(&self, key: &str) -> Option<Rejection> {
        self.builtin.consent.misspelt(key)
    }

    /// A text as a value: a cell where the policy names it.
    #[inline]
    pub fn text(&self, text: &str) -> Value {
        match self.texts.find(text.as_bytes()) {
            Some(id) => Value::Cell(u64::from(id)),
            None => Value::Text(text.into()),
        }
    }

    /// The cell of a country that the policy names.
    #[inline]
    pub(super) fn country(&self, code: Word) -> Option<u32> {
        self.countries.find_word(code)
    }

    /// The cell of a language that the policy names.
    #[inline]
    pub(super) fn language(&self, tag: Word) -> Option<u32> {
        self.languages.find_word(tag)
    }

    /// The type of event of this name.
    #[inline]
    pub(super) fn event_type(&self, name: &str) -> Option<EventType> {
        self.types.get(self.type_names.find(name.as_bytes())? as usize).copied()
    }

    /// The position of the attribute of this name.
    #[inline]
    pub(super) fn attribute(&self, name: &str) -> Option<u32> {
        self.attribute_names.find(name.as_bytes())
    }

    #[inline]
    pub(super) fn names(&self, list: usize) -> &Names {
        &self.names[list]
    }

    pub(super) fn is_zone(&self, name: &str) -> bool {
        self.zones.contains(name)
    }

    /// In no particular order: only to look for the nearest name, of which there is one.
    pub(super) fn zones(&self) -> impl Iterator<Item = &str> {
        self.zones.iter().map(SmolStr::as_str)
    }
}

fn names(plan: &Plan) -> (Vec<Names>, Lists) {
    let mut names: Vec<Names> = plan
        .enums
        .iter()
        .map(|enumeration| {
            Names::new(format!("a member of `{}`", enumeration.name), enumeration.members.iter().cloned())
        })
        .collect();
    let mut add = |noun: &str, list: Vec<SmolStr>| {
        names.push(Names::new(noun.to_owned(), list));
        names.len() - 1
    };
    let channels = add("a channel", plan.channels.iter().map(|channel| channel.name.clone()).collect());
    let classes = add("a class", plan.classes.iter().map(|class| class.name.clone()).collect());
    let messages = add("a message", plan.messages.iter().map(|message| message.name.clone()).collect());
    let purposes = add("a purpose", plan.purposes.iter().map(|purpose| purpose.name.clone()).collect());
    let weekdays = add("a weekday", WEEKDAYS.map(SmolStr::new_static).to_vec());
    for experiment in &plan.experiments {
        add(
            &format!("an arm of `{}`", experiment.name),
            experiment.arms.iter().map(|(arm, _)| arm.clone()).collect(),
        );
    }
    (names, Lists { channels, classes, messages, purposes, weekdays, experiments: weekdays + 1 })
}

fn event_type(id: EventId) -> EventType {
    match id {
        builtin::IDENTIFY => EventType::Identify,
        builtin::CONSENT_GRANTED => EventType::ConsentGranted,
        builtin::CONSENT_WITHDRAWN => EventType::ConsentWithdrawn,
        builtin::MERGE => EventType::Merge,
        builtin::SENT => EventType::Sent,
        id if builtin::is_delivery(id) => EventType::Delivery(id),
        id => EventType::Declared(id),
    }
}

/// The events whose fields are looked at besides by slots.
struct LookedAt {
    /// By filters.
    filtered: FxHashSet<EventId>,
    /// They meet goals, whose records say what they were worth.
    goals: FxHashSet<EventId>,
}

impl LookedAt {
    fn of(plan: &Plan) -> LookedAt {
        let filtered = plan.patterns().into_iter().filter_map(|trigger| match trigger {
            Trigger::Event { event, filter: Some(_) } => Some(*event),
            _ => None,
        });
        let goals = plan.goals().filter_map(|goal| match goal.on {
            Trigger::Event { event, .. } => Some(event),
            _ => None,
        });
        let streams = plan.streams.iter().map(|stream| stream.event);
        LookedAt { filtered: filtered.chain(streams).collect(), goals: goals.collect() }
    }
}

fn event_form(plan: &Plan, lists: &Lists, looked_at: &LookedAt, id: EventId) -> RecordForm {
    let event = &plan.events[id.index()];
    let declared = id.index() >= BUILTIN_EVENTS.len();
    let streamed = |at: usize| {
        plan.streams
            .iter()
            .any(|stream| stream.event == id && stream.fields.iter().any(|f| *f as usize == at))
    };
    let filtered = looked_at.filtered.contains(&id);
    let worth = event.worth().filter(|_| looked_at.goals.contains(&id)).map(|(at, _)| at);
    let fields = event.fields.iter().enumerate().filter(|_| declared).map(|(at, field)| FieldForm {
        name: field.name.as_str().into(),
        quoted: Quoted::new(&field.name),
        form: lists.form(field.ty),
        optional: field.optional,
        // Too many do no harm.
        keep: worth == Some(at)
            || streamed(at)
            || plan.slots.iter().any(|slot| match slot.source {
                Source::Field(position) => filtered && position as usize == at,
                Source::Event(name) => plan.texts.get(name.index()) == Some(&field.name),
                _ => false,
            }),
        personal: false,
    });
    record(format!("`{}`", event.name), fields.collect())
}

fn record(owner: String, fields: Vec<FieldForm>) -> RecordForm {
    let required = fields.iter().take(64).rev().fold(0, |bits, field| bits << 1 | u64::from(!field.optional));
    RecordForm { owner, order: Order::new(fields.len()), fields, required, guarded: &[] }
}

fn builtin_forms(lists: &Lists) -> BuiltinForms {
    let field = |name: &str, form: Form, optional: bool| FieldForm {
        name: name.into(),
        quoted: Quoted::new(name),
        form,
        optional,
        keep: true,
        personal: false,
    };
    let purpose = |optional| field("purpose", Form::Name(lists.purposes), optional);
    let channel = || field("channel", Form::Name(lists.channels), true);
    let source = || field("source", Form::Text, true);
    let flag = |name| field(name, Form::Bool, true);
    let id = |name| field(name, Form::Id, true);
    let guarded = |form, guarded| RecordForm { guarded, ..form };
    BuiltinForms {
        granted: guarded(
            record(
                "`consent_granted`".to_owned(),
                vec![purpose(false), channel(), source(), flag("confirmed"), id("id")],
            ),
            &["purpose", "channel", "confirmed"],
        ),
        withdrawn: guarded(
            record("`consent_withdrawn`".to_owned(), vec![purpose(true), channel(), source()]),
            &["purpose", "channel"],
        ),
        merge: record("`merge`".to_owned(), vec![field("from", Form::Id, false)]),
        deliveries: BUILTIN_EVENTS[builtin::DELIVERED.index()..]
            .iter()
            .map(|event| record(format!("`{}`", event.name), vec![id("send"), id("message"), id("channel")]))
            .collect(),
        consent: guarded(
            record(
                "a consent".to_owned(),
                vec![
                    purpose(true),
                    channel(),
                    source(),
                    flag("confirmed"),
                    id("id"),
                    field("time", Form::Instant, true),
                    flag("withdrawn"),
                ],
            ),
            &["purpose", "channel", "confirmed", "withdrawn"],
        ),
    }
}

impl Form {
    /// For messages.
    pub(super) fn expected(&self, schema: &Schema) -> String {
        let plain = match self {
            Form::Bool => "true or false",
            Form::Int => "a whole number",
            Form::Number => "a number",
            Form::Percent => "a percentage such as 0.15 or \"15%\"",
            Form::Money { currency, decimals } => {
                let zeros = "0".repeat(*decimals as usize);
                let point = if *decimals > 0 { "." } else { "" };
                let code = currency.code();
                return format!("money in {code} such as \"80{point}{zeros} {code}\"");
            }
            Form::Duration => "a duration such as \"24h\" or \"PT30M\"",
            Form::Time => "a time of day such as \"21:00\"",
            Form::Date => "a date such as \"2026-11-27\"",
            Form::Instant => "an instant such as \"2026-11-27T10:00:00Z\"",
            Form::Text => "a text",
            Form::Country => "a country's ISO 3166-1 code such as \"DE\"",
            Form::Language => "a BCP 47 language such as \"de\" or \"en-GB\"",
            Form::Timezone => "an IANA time zone such as \"Europe/Berlin\"",
            Form::Email => "an e-mail address such as \"ada@shop.example\"",
            Form::Phone => "a phone number such as \"+4915112345678\"",
            Form::Url => "an address such as \"https://shop.example/\"",
            Form::Name(list) => return schema.names(*list).expected(),
            Form::Set(member) => {
                return match &**member {
                    Form::Text => "a list of texts".to_owned(),
                    Form::Int => "a list of whole numbers".to_owned(),
                    member => format!("a list, each {}", member.expected(schema)),
                };
            }
            Form::Id => "a text of 1 to 1024 bytes",
        };
        plain.to_owned()
    }
}
