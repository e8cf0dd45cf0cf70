//! zen: a condition is an expression of its language, compiled to byte code; a row is an object in a scope.

use super::Engine;
use super::dialect::{COMMON, Dialect, compiled, each, object};
use crate::workload::Workload;
use crate::workload::slots::Row;
use zen_expression::expression::Standard;
use zen_expression::vm::VM;
use zen_expression::{Expression, Scope, Variable, compile_expression};

const DIALECT: Dialect = Dialect { and: " and ", or: " or ", not: "not ", ..COMMON };

pub(super) struct Zen {
    machine: VM,
    conditions: Vec<Expression<Standard>>,
}

impl Zen {
    pub(super) fn new(workload: &Workload) -> Result<Zen, String> {
        let conditions = compiled(&DIALECT.conditions(workload), compile_expression)?;
        Ok(Zen { machine: VM::new(), conditions })
    }
}

impl Engine for Zen {
    type Values = Scope;

    fn ready(&self, row: &Row) -> Scope {
        Scope::new(Variable::from(object(row)))
    }

    fn matching(&mut self, scope: &mut Scope, found: &mut Vec<u32>) {
        let machine = &mut self.machine;
        each(&self.conditions, found, |condition| {
            let said = condition.evaluate_with_scope(scope, machine).expect("a value");
            said.as_bool().expect("a bool")
        });
    }
}
