//! Cedar: a policy for each message; a row is a request with the customer as principal and the event as context. The
//! answer names the policies that permit it.

use super::Engine;
use super::dialect::{COMMON, Dialect};
use crate::workload::Workload;
use crate::workload::slots::{Kind, Of, Row, SLOTS, Slot};
use cedar_policy::{
    Authorizer, Context, Entities, Entity, EntityUid, Policy, PolicyId, PolicySet, Request,
    RestrictedExpression,
};
use std::collections::{HashMap, HashSet};

const DIALECT: Dialect = Dialect {
    is_in: |name, members| format!("[{}].contains({name})", members.join(", ")),
    name: |slot| match slot.of {
        Of::Profile => format!("principal.{}", slot.name),
        Of::Event => format!("context.{}", slot.name),
    },
    constant: |slot, value| match slot.kind {
        Kind::Number(decimals) => whole(value, decimals).to_string(),
        _ => slot.json(value),
    },
    ..COMMON
};

/// Cedar has whole numbers and decimals, which are an extension that it takes as texts.
fn whole(value: f64, decimals: i32) -> i64 {
    (value * 10_f64.powi(decimals)).round() as i64
}

pub(super) struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
    /// Customer, action and resource; which are always the same.
    names: [EntityUid; 3],
}

impl Cedar {
    pub(super) fn new(workload: &Workload) -> Result<Cedar, String> {
        let mut policies = PolicySet::new();
        for (index, condition) in DIALECT.conditions(workload).iter().enumerate() {
            let text = format!("permit(principal, action, resource) when {{ {condition} }};");
            let id = PolicyId::new(index.to_string());
            let policy = Policy::parse(Some(id), &text).map_err(|error| format!("{text}: {error}"))?;
            policies.add(policy).map_err(|error| error.to_string())?;
        }
        let name = |text: &str| text.parse::<EntityUid>().map_err(|error| error.to_string());
        let names = [name("Customer::\"1\"")?, name("Action::\"send\"")?, name("Message::\"any\"")?];
        Ok(Cedar { authorizer: Authorizer::new(), policies, names })
    }
}

fn expression(slot: &Slot, value: f64) -> RestrictedExpression {
    match slot.kind {
        Kind::Member { .. } => RestrictedExpression::new_string(slot.member(value).to_owned()),
        Kind::Int => RestrictedExpression::new_long(value as i64),
        Kind::Number(decimals) => RestrictedExpression::new_long(whole(value, decimals)),
        Kind::Bool => RestrictedExpression::new_bool(value == 1.0),
    }
}

impl Engine for Cedar {
    type Values = (Request, Entities);

    fn ready(&self, row: &Row) -> Self::Values {
        let of = |of: Of| {
            let values = SLOTS.iter().zip(row).filter(move |(slot, _)| slot.of == of);
            values.map(|(slot, value)| (slot.name.to_owned(), expression(slot, *value)))
        };
        let [customer, action, message] = self.names.clone();
        let attributes: HashMap<_, _> = of(Of::Profile).collect();
        let entity = Entity::new(customer.clone(), attributes, HashSet::new()).expect("a customer");
        let context = Context::from_pairs(of(Of::Event)).expect("a context");
        let request = Request::new(customer, action, message, context, None).expect("a request");
        (request, Entities::from_entities([entity], None).expect("one entity"))
    }

    fn matching(&mut self, (request, entities): &mut Self::Values, found: &mut Vec<u32>) {
        let answer = self.authorizer.is_authorized(request, &self.policies, entities);
        let ids = answer.diagnostics().reason();
        found.extend(ids.map(|id| AsRef::<str>::as_ref(id).parse::<u32>().expect("a number")));
    }
}
