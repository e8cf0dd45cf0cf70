//! cel: a condition is a program; a row is a context with a variable for each value.

use super::{Dialect, Dynamic, Matcher, values};
use crate::workload::Workload;
use cel::{Context, Env, Program, Value};
use std::ops::Range;
use std::sync::Arc;

const DIALECT: Dialect = Dialect {
    and: " && ",
    or: " || ",
    not: "!",
    equal: "==",
    unequal: "!=",
    is_in: ["", " in [", "]"],
    name: |slot| slot.name.to_owned(),
};

pub(super) struct Cel {
    env: Arc<Env>,
    conditions: Vec<Program>,
    rows: Vec<Context<'static, 'static>>,
}

impl Cel {
    pub(super) fn new(workload: &Workload) -> Cel {
        let env = Arc::new(Env::stdlib());
        let condition = |message| {
            let text = DIALECT.condition(workload, message);
            env.compile(&text).unwrap_or_else(|error| panic!("{text}: {error}"))
        };
        let conditions = workload.rules.messages.iter().map(condition).collect();
        Cel { env, conditions, rows: Vec::new() }
    }
}

impl Matcher for Cel {
    fn name(&self) -> String {
        "cel 0.15".to_owned()
    }

    fn prepare(&mut self, workload: &Workload, rows: Range<usize>) {
        for row in self.rows.len()..rows.end {
            let mut context = Context::with_env(Arc::clone(&self.env));
            for (slot, value) in values(&workload.rows[row]) {
                let value = match value {
                    Dynamic::Text(text) => Value::String(Arc::new(text.to_owned())),
                    Dynamic::Int(int) => Value::Int(int),
                    Dynamic::Number(number) => Value::Float(number),
                    Dynamic::Bool(bool) => Value::Bool(bool),
                };
                context.add_variable_from_value(slot.name, value);
            }
            self.rows.push(context);
        }
    }

    fn matching(&mut self, row: usize, found: &mut Vec<u32>) {
        for (index, condition) in (0..).zip(&self.conditions) {
            match condition.execute(&self.rows[row]) {
                Ok(Value::Bool(true)) => found.push(index),
                Ok(Value::Bool(false)) => {}
                other => panic!("message {index} gives {other:?}"),
            }
        }
    }
}
