//! cel: a condition is a program; a row is a context with a variable for each value.

use super::Engine;
use super::dialect::{COMMON, Dynamic, compiled, each, values};
use crate::workload::Workload;
use crate::workload::slots::Row;
use cel::{Context, Env, Program, Value};
use std::sync::Arc;

pub(super) struct Cel {
    env: Arc<Env>,
    conditions: Vec<Program>,
}

impl Cel {
    pub(super) fn new(workload: &Workload) -> Result<Cel, String> {
        let env = Arc::new(Env::stdlib());
        let conditions = compiled(&COMMON.conditions(workload), |text| env.compile(text))?;
        Ok(Cel { env, conditions })
    }
}

impl Engine for Cel {
    type Values = Context<'static, 'static>;

    fn ready(&self, row: &Row) -> Self::Values {
        let mut context = Context::with_env(Arc::clone(&self.env));
        for (slot, value) in values(row) {
            let value = match value {
                Dynamic::Text(text) => Value::String(Arc::new(text.to_owned())),
                Dynamic::Int(int) => Value::Int(int),
                Dynamic::Number(number) => Value::Float(number),
                Dynamic::Bool(bool) => Value::Bool(bool),
            };
            context.add_variable_from_value(slot.name, value);
        }
        context
    }

    fn matching(&mut self, context: &mut Self::Values, found: &mut Vec<u32>) {
        each(&self.conditions, found, |condition| match condition.execute(context) {
            Ok(Value::Bool(holds)) => holds,
            other => panic!("a condition gives {other:?}"),
        });
    }
}
