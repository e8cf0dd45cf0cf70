//! roto: a function for each message, compiled to machine code; a row is its context.
#![allow(unsafe_code)] // What is derived for a context is.

use super::Engine;
use super::dialect::{COMMON, Dialect, compiled, each};
use crate::native::record;
use crate::record::Record;
use crate::workload::Workload;
use crate::workload::slots::{Kind, Row};
use roto::{Context, Ctx, FileTree, Runtime, TypedFunc};
use std::fmt::Write as _;

const DIALECT: Dialect = Dialect {
    is_in: |name, members| {
        let any: Vec<String> = members.iter().map(|member| format!("{name} == {member}")).collect();
        format!("({})", any.join(" || "))
    },
    constant: |slot, value| match slot.kind {
        Kind::Member { .. } => value.to_string(),
        _ => slot.json(value),
    },
    ..COMMON
};

/// The fields of a record as variables of scripts.
macro_rules! values {
    ($($name:ident: $type:ty,)*) => {
        #[derive(Clone, Context)]
        pub(super) struct Values { $(pub $name: $type,)* }

        impl From<Record> for Values {
            fn from(record: Record) -> Values {
                Values { $($name: record.$name,)* }
            }
        }
    };
}

values! {
    lifetime_value: f64,
    churn: f64,
    conversion: f64,
    value: f64,
    age: i32,
    orders_90d: i32,
    days_since_order: i32,
    open_tickets: i32,
    sends_7d: i32,
    email_sends_7d: i32,
    sms_sends_7d: i32,
    utc_offset: i32,
    local_hour: i32,
    tier: u8,
    country: u8,
    language: u8,
    last_category: u8,
    action: u8,
    category: u8,
    source: u8,
    email_ok: bool,
    sms_ok: bool,
    push_ok: bool,
    ads_ok: bool,
    marketing_ok: bool,
    personal_ok: bool,
    has_app: bool,
    vip: bool,
    newcomer: bool,
    active_shopper: bool,
}

pub(super) struct Roto {
    conditions: Vec<TypedFunc<Ctx<Values>, fn() -> bool>>,
}

impl Roto {
    pub(super) fn new(workload: &Workload) -> Result<Roto, String> {
        let mut text = String::new();
        let mut names = Vec::new();
        for (index, condition) in DIALECT.conditions(workload).iter().enumerate() {
            let _ = writeln!(text, "fn m{index}() -> bool {{ {condition} }}");
            names.push(format!("m{index}"));
        }
        let runtime = Runtime::new().with_context_type::<Values>().map_err(|error| error.to_string())?;
        let script = FileTree::test_file("rules.roto", &text, 0);
        let mut package = script.compile(&runtime).map_err(|error| error.to_string())?;
        let conditions = compiled(&names, |name| package.get_function(name))?;
        Ok(Roto { conditions })
    }
}

impl Engine for Roto {
    type Values = Values;

    fn ready(&self, row: &Row) -> Values {
        record(row).into()
    }

    fn matching(&mut self, values: &mut Values, found: &mut Vec<u32>) {
        each(&self.conditions, found, |condition| condition.call(values));
    }
}
