//! Rego, by regorus: a set of messages with a body for each, compiled for its virtual machine; a row is an input document.

use super::Engine;
use super::dialect::{COMMON, Dialect, object};
use crate::workload::Workload;
use crate::workload::slots::Row;
use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::vm::RegoVM;
use regorus::{PolicyLengthConfig, Rc, Value};
use std::fmt::Write as _;
use std::num::{NonZeroU32, NonZeroUsize};

const DIALECT: Dialect = Dialect {
    not: "not ",
    is_in: |name, members| format!("{name} in {{{}}}", members.join(", ")),
    name: |slot| format!("input.{}", slot.name),
    ..COMMON
};

const ENTRY: &str = "data.rules.eligible";

pub(super) struct Rego {
    machine: RegoVM,
}

impl Rego {
    pub(super) fn new(workload: &Workload) -> Result<Rego, String> {
        let mut engine = regorus::Engine::new();
        engine.set_policy_length_config(PolicyLengthConfig {
            max_col: NonZeroU32::MAX,
            max_file_bytes: NonZeroUsize::MAX,
            max_lines: NonZeroUsize::MAX,
        });
        let failed = |error: &dyn std::fmt::Display| error.to_string();
        engine.add_policy("rules.rego".to_owned(), source(workload)).map_err(|error| failed(&error))?;
        let entry: Rc<str> = ENTRY.into();
        let policy = engine.compile_with_entrypoint(&entry).map_err(|error| failed(&error))?;
        let program = Compiler::compile_from_policy(&policy, &[ENTRY]).map_err(|error| failed(&error))?;
        let mut machine = RegoVM::new();
        machine.set_max_instructions(usize::MAX);
        machine.load_program(program);
        Ok(Rego { machine })
    }
}

/// Alternatives are rules of their own, as the language has it.
fn source(workload: &Workload) -> String {
    let (mut text, mut rules) = ("package rules\n\nimport rego.v1\n\n".to_owned(), String::new());
    for (index, message) in workload.rules.messages.iter().enumerate() {
        let mut body = Vec::new();
        for (number, clause) in message.clauses.iter().enumerate() {
            let atoms: Vec<String> = clause
                .iter()
                .map(|literal| DIALECT.atom(&workload.rules.atoms[literal.atom], literal.negated))
                .collect();
            if let [atom] = &atoms[..] {
                body.push(atom.clone());
                continue;
            }
            let name = format!("any_{index}_{number}");
            for atom in atoms {
                let _ = writeln!(rules, "{name} if {atom}");
            }
            body.push(name);
        }
        let _ = writeln!(text, "eligible contains {index} if {{\n\t{}\n}}", body.join("\n\t"));
    }
    text.push('\n');
    text.push_str(&rules);
    text
}

impl Engine for Rego {
    type Values = Value;

    fn ready(&self, row: &Row) -> Value {
        object(row).into()
    }

    fn matching(&mut self, input: &mut Value, found: &mut Vec<u32>) {
        self.machine.set_input(input.clone());
        let answer = self.machine.execute().expect("an answer");
        let set = answer.as_set().expect("a set");
        found.extend(set.iter().map(|message| message.as_u32().expect("a number")));
    }
}
