//! rhai: a condition is an expression, compiled once; a row is a scope.

use super::dialect::{COMMON, Dynamic, compiled, each, values};
use crate::workload::Workload;
use crate::workload::slots::Row;
use rhai::{AST, Engine, Scope};

pub(super) struct Rhai {
    engine: Engine,
    conditions: Vec<AST>,
}

impl Rhai {
    pub(super) fn new(workload: &Workload) -> Result<Rhai, String> {
        let mut engine = Engine::new();
        engine.set_max_expr_depths(0, 0);
        let conditions = compiled(&COMMON.conditions(workload), |text| engine.compile_expression(text))?;
        Ok(Rhai { engine, conditions })
    }
}

impl super::Engine for Rhai {
    type Values = Scope<'static>;

    fn ready(&self, row: &Row) -> Self::Values {
        let mut scope = Scope::new();
        for (slot, value) in values(row) {
            match value {
                Dynamic::Text(text) => scope.push(slot.name, text.to_owned()),
                Dynamic::Int(int) => scope.push(slot.name, int),
                Dynamic::Number(number) => scope.push(slot.name, number),
                Dynamic::Bool(bool) => scope.push(slot.name, bool),
            };
        }
        scope
    }

    fn matching(&mut self, scope: &mut Self::Values, found: &mut Vec<u32>) {
        each(&self.conditions, found, |condition| {
            self.engine.eval_ast_with_scope(scope, condition).expect("a bool")
        });
    }
}
