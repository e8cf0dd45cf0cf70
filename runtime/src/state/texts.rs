//! Texts in the state: those that rules ask for stand there by their place among these in alphabetical order, whichever
//! numbers they have in the plan.

use crate::policy::Policy;
use comity_compiler::plan::Plan;
use comity_compiler::types::Type;
use comity_compiler::value::Value;

/// The places of a plan's texts.
pub(crate) struct TextPlaces {
    /// By text; `None` where each has its own number.
    places: Option<Box<[Option<u32>]>>,
}

impl TextPlaces {
    pub(crate) fn of(plan: &Plan) -> TextPlaces {
        let order = &plan.texts_in_order;
        if order.len() == plan.texts.len() && order.is_sorted() {
            return TextPlaces { places: None };
        }
        let mut places = vec![None; plan.texts.len()];
        for (place, text) in (0..).zip(order) {
            places[text.index()] = Some(place);
        }
        TextPlaces { places: Some(places.into()) }
    }

    /// The place of a text that the policy names; `None` where no rule asks for it any more.
    pub(super) fn place(&self, cell: u64) -> Option<u64> {
        match &self.places {
            None => Some(cell),
            Some(places) => places.get(usize::try_from(cell).ok()?).copied().flatten().map(u64::from),
        }
    }

    /// By what members of a set are ordered in the state.
    pub(super) fn key<'v>(&self, plan: &'v Plan, ty: Type, member: &'v Value) -> (u64, &'v str) {
        match member {
            Value::Cell(cell) if !ty.is_text() => (*cell, ""),
            Value::Cell(cell) => match self.place(*cell) {
                Some(place) => (place, ""),
                None => (u64::MAX, text(plan, *cell)),
            },
            Value::Text(text) => (u64::MAX, text),
            // No member is one.
            Value::Set(_) => (u64::MAX, ""),
        }
    }

    /// A text that has no place.
    pub(super) fn unplaced(&self, policy: &Policy, text: &str) -> Value {
        match self.places {
            None => Value::Text(text.into()),
            Some(_) => policy.text(text),
        }
    }
}

/// The text of a cell.
pub(super) fn text(plan: &Plan, cell: u64) -> &str {
    usize::try_from(cell).ok().and_then(|id| plan.texts.get(id)).map_or("", |text| text)
}
