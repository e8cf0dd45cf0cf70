//! LuaJIT, its interpreter: the conditions as Lua, many to a function; a row is a table.

use super::Engine;
use super::dialect::{COMMON, Dialect, Dynamic, values};
use crate::workload::Workload;
use crate::workload::slots::Row;
use mlua::{Function, Table};
use std::fmt::Write as _;

/// A function's jumps and constants are limited; so many conditions are well within.
const TOGETHER: usize = 200;

const DIALECT: Dialect = Dialect {
    and: " and ",
    or: " or ",
    not: "not ",
    unequal: "~=",
    is_in: |name, members| {
        let any: Vec<String> = members.iter().map(|member| format!("{name} == {member}")).collect();
        format!("({})", any.join(" or "))
    },
    name: |slot| format!("r.{}", slot.name),
    ..COMMON
};

/// Its compiler records single paths through the code. Conditions by the hundred that nearly all fail, each at another
/// place, are too many of them: it takes two to five times as long as the interpreter for a thousand messages, the more
/// the higher the limits on what it records. For one message it is faster, for a hundred neither is.
const INTERPRETED: &str = "jit.off()\n";

pub(super) struct Lua {
    lua: mlua::Lua,
    matching: Function,
    /// The rows' tables: of references from outside there can't be so many.
    rows: Table,
    /// Where the function writes what it finds.
    found: Table,
}

impl Lua {
    pub(super) fn new(workload: &Workload) -> Result<Lua, String> {
        let make = || {
            let lua = mlua::Lua::new();
            let (rows, found) = (lua.create_table()?, lua.create_table()?);
            let make: Function = lua.load(source(workload)).eval()?;
            let matching = make.call((&rows, &found))?;
            Ok(Lua { lua, matching, rows, found })
        };
        make().map_err(|error: mlua::Error| error.to_string())
    }
}

fn source(workload: &Workload) -> String {
    let mut text = format!("{INTERPRETED}local parts = {{}}\n");
    for (part, conditions) in DIALECT.conditions(workload).chunks(TOGETHER).enumerate() {
        text.push_str("parts[#parts + 1] = function(r, found, n)\n");
        for (index, condition) in (part * TOGETHER..).zip(conditions) {
            let _ = writeln!(text, "if {condition} then n = n + 1; found[n] = {index} end");
        }
        text.push_str("return n end\n");
    }
    text + "return function(rows, found)
return function(row) local n = 0 for i = 1, #parts do n = parts[i](rows[row], found, n) end return n end end"
}

impl Engine for Lua {
    /// Its position among the rows.
    type Values = usize;

    fn ready(&self, row: &Row) -> usize {
        let table = self.lua.create_table().expect("a table");
        for (slot, value) in values(row) {
            let set = match value {
                Dynamic::Text(text) => table.raw_set(slot.name, text),
                Dynamic::Int(int) => table.raw_set(slot.name, int),
                Dynamic::Number(number) => table.raw_set(slot.name, number),
                Dynamic::Bool(bool) => table.raw_set(slot.name, bool),
            };
            set.expect("a value");
        }
        self.rows.raw_push(table).expect("one more row");
        self.rows.raw_len()
    }

    fn matching(&mut self, row: &mut usize, found: &mut Vec<u32>) {
        let count: usize = self.matching.call(*row).expect("a number");
        found.extend((1..=count).map(|at| self.found.raw_get::<u32>(at).expect("a message")));
    }
}
