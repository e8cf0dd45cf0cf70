//! LuaJIT: the conditions as Lua, some dozens to a function; a row is a table.

use super::{Dynamic, Matcher, values};
use crate::workload::Workload;
use crate::workload::rules::{Atom, Test};
use crate::workload::slots::SLOTS;
use mlua::{Function, Table};
use std::fmt::Write as _;
use std::ops::Range;

/// More conditions than this in a function are more than LuaJIT makes machine code of at once.
const TOGETHER: usize = 50;

pub(super) struct Lua {
    lua: mlua::Lua,
    matching: Function,
    /// Where the function writes what it finds.
    found: Table,
    rows: Vec<Table>,
}

impl Lua {
    pub(super) fn new(workload: &Workload) -> Lua {
        let lua = mlua::Lua::new();
        let text = source(workload);
        let matching = lua.load(&text).eval().expect("a function");
        let found = lua.create_table().expect("a table");
        Lua { lua, matching, found, rows: Vec::new() }
    }
}

fn source(workload: &Workload) -> String {
    let mut text = "require('jit').opt.start('maxtrace=8000', 'maxrecord=16000', 'maxside=2000', 'maxmcode=65536', 'sizemcode=64', 'maxsnap=4000')\nlocal parts = {}\n".to_owned();
    for (part, messages) in workload.rules.messages.chunks(TOGETHER).enumerate() {
        text.push_str("parts[#parts + 1] = function(r, found, n)\n");
        for (index, message) in (part * TOGETHER..).zip(messages) {
            let condition = workload.rules.condition(message, [" and ", " or "], atom);
            let _ = writeln!(text, "if {condition} then n = n + 1; found[n] = {index} end");
        }
        text.push_str("return n end\n");
    }
    text.push_str("return function(r, found) local n = 0 for i = 1, #parts do n = parts[i](r, found, n) end return n end");
    text
}

fn atom(atom: &Atom, negated: bool) -> String {
    let slot = &SLOTS[atom.slot];
    let (name, not) = (slot.name, if negated { "not " } else { "" });
    match &atom.test {
        Test::Compare(how, constant) => format!("r.{name} {} {}", how.sign(), slot.json(*constant)),
        Test::Is(member) => format!("r.{name} {} {}", if negated { "~=" } else { "==" }, slot.json(*member)),
        Test::In(members) => {
            let any: Vec<String> =
                members.iter().map(|member| format!("r.{name} == {}", slot.json(*member))).collect();
            format!("{not}({})", any.join(" or "))
        }
        Test::Holds => format!("{not}r.{name}"),
    }
}

impl Matcher for Lua {
    fn name(&self) -> String {
        "LuaJIT (mlua 0.12)".to_owned()
    }

    fn prepare(&mut self, workload: &Workload, rows: Range<usize>) {
        for row in self.rows.len()..rows.end {
            let table = self.lua.create_table().expect("a table");
            for (slot, value) in values(&workload.rows[row]) {
                let set = match value {
                    Dynamic::Text(text) => table.set(slot.name, text),
                    Dynamic::Int(int) => table.set(slot.name, int),
                    Dynamic::Number(number) => table.set(slot.name, number),
                    Dynamic::Bool(bool) => table.set(slot.name, bool),
                };
                set.expect("a value");
            }
            self.rows.push(table);
        }
    }

    fn matching(&mut self, row: usize, found: &mut Vec<u32>) {
        let count: usize = self.matching.call((&self.rows[row], &self.found)).expect("a number");
        for at in 1..=count {
            found.push(self.found.raw_get(at).expect("a message"));
        }
    }
}
