//! rhai: a condition is an expression, compiled once; a row is a scope.

use super::{Dialect, Dynamic, Matcher, values};
use crate::workload::Workload;
use rhai::{AST, Engine, Scope};
use std::ops::Range;

const DIALECT: Dialect = Dialect {
    and: " && ",
    or: " || ",
    not: "!",
    equal: "==",
    unequal: "!=",
    is_in: ["", " in [", "]"],
    name: |slot| slot.name.to_owned(),
};

pub(super) struct Rhai {
    engine: Engine,
    conditions: Vec<AST>,
    rows: Vec<Scope<'static>>,
}

impl Rhai {
    pub(super) fn new(workload: &Workload) -> Rhai {
        let mut engine = Engine::new();
        engine.set_max_expr_depths(0, 0);
        let messages = &workload.rules.messages;
        let condition = |message| {
            let text = DIALECT.condition(workload, message);
            engine.compile_expression(&text).unwrap_or_else(|error| panic!("{text}: {error}"))
        };
        let conditions = messages.iter().map(condition).collect();
        Rhai { engine, conditions, rows: Vec::new() }
    }
}

impl Matcher for Rhai {
    fn name(&self) -> String {
        "rhai 1.27".to_owned()
    }

    fn prepare(&mut self, workload: &Workload, rows: Range<usize>) {
        for row in self.rows.len()..rows.end {
            let mut scope = Scope::new();
            for (slot, value) in values(&workload.rows[row]) {
                match value {
                    Dynamic::Text(text) => scope.push(slot.name, text.to_owned()),
                    Dynamic::Int(int) => scope.push(slot.name, int),
                    Dynamic::Number(number) => scope.push(slot.name, number),
                    Dynamic::Bool(bool) => scope.push(slot.name, bool),
                };
            }
            self.rows.push(scope);
        }
    }

    fn matching(&mut self, row: usize, found: &mut Vec<u32>) {
        let scope = &mut self.rows[row];
        for (index, condition) in (0..).zip(&self.conditions) {
            if self.engine.eval_ast_with_scope::<bool>(scope, condition).expect("a bool") {
                found.push(index);
            }
        }
    }
}
