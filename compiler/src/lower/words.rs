//! Filters of kept parts of the history, as an author would write them.

use crate::ids::*;
use crate::plan::{Comparison, Op, Plan, Source};
use crate::types::{Element, Type};
use std::cell::Cell;

/// A filter on the events of a type.
pub(super) fn condition(plan: &Plan, event: EventId, filter: ExprId) -> String {
    Words { plan, event, depth: Cell::new(0) }.expr(filter, 0)
}

struct Words<'p> {
    plan: &'p Plan,
    event: EventId,
    /// How far into the filter it is.
    depth: Cell<usize>,
}

/// What is nested deeper is left out.
const DEEPEST: usize = 200;

/// Precedences (reference §5), loosest first.
const OR: u8 = 1;
const AND: u8 = 2;
const NOT: u8 = 3;
const COMPARE: u8 = 4;
const OTHERWISE: u8 = 5;
const ADD: u8 = 6;
const MULTIPLY: u8 = 7;
const UNARY: u8 = 8;

impl Words<'_> {
    /// In parentheses where what stands around binds tighter.
    fn expr(&self, id: ExprId, around: u8) -> String {
        let depth = self.depth.get();
        if depth > DEEPEST {
            return "…".to_owned();
        }
        self.depth.set(depth + 1);
        let (own, text) = self.open(id);
        self.depth.set(depth);
        if own < around { format!("({text})") } else { text }
    }

    /// Its precedence and its text.
    fn open(&self, id: ExprId) -> (u8, String) {
        let node = self.plan.expr(id);
        let infix = |own: u8, a: ExprId, word: &str, b: ExprId| {
            (own, format!("{} {word} {}", self.expr(a, own), self.expr(b, own + 1)))
        };
        let call = |name: &str, operands: &[ExprId]| {
            let operands: Vec<_> = operands.iter().map(|&operand| self.expr(operand, 0)).collect();
            (u8::MAX, format!("{name}({})", operands.join(", ")))
        };
        match &node.op {
            Op::Constant(cell) => (u8::MAX, constant(self.plan, *cell, node.ty)),
            Op::Unknown => (u8::MAX, "unknown".to_owned()),
            Op::Slot(slot) => (u8::MAX, self.slot(*slot)),
            Op::Not(a) => match self.plan.expr(*a).op {
                Op::IsKnown(a) => (COMPARE, format!("{} is unknown", self.expr(a, OTHERWISE))),
                Op::In(..) => (NOT, format!("not {}", self.expr(*a, COMPARE))),
                _ => (NOT, format!("not {}", self.expr(*a, NOT))),
            },
            Op::And(a, b) => infix(AND, *a, "and", *b),
            Op::Or(a, b) => infix(OR, *a, "or", *b),
            Op::IsKnown(a) => (COMPARE, format!("{} is known", self.expr(*a, OTHERWISE))),
            Op::Otherwise(a, b) => {
                (OTHERWISE, format!("{} otherwise {}", self.expr(*a, ADD), self.expr(*b, OTHERWISE)))
            }
            Op::If(a, b, c) => {
                (0, format!("if {} then {} else {}", self.expr(*a, OR), self.expr(*b, OR), self.expr(*c, 0)))
            }
            Op::Compare(comparison, a, b) => {
                let word = match comparison {
                    Comparison::Equal => "==",
                    Comparison::NotEqual => "!=",
                    Comparison::Less => "<",
                    Comparison::LessEqual => "<=",
                    Comparison::Greater => ">",
                    Comparison::GreaterEqual => ">=",
                };
                (COMPARE, format!("{} {word} {}", self.expr(*a, OTHERWISE), self.expr(*b, OTHERWISE)))
            }
            Op::In(a, cells) => {
                let ty = self.plan.expr(*a).ty;
                let members: Vec<_> = cells.iter().map(|&cell| constant(self.plan, cell, ty)).collect();
                (COMPARE, format!("{} in [{}]", self.expr(*a, OTHERWISE), members.join(", ")))
            }
            Op::Add(a, b) => infix(ADD, *a, "+", *b),
            Op::Subtract(a, b) => infix(ADD, *a, "-", *b),
            Op::Multiply(a, b) | Op::Scale(a, b) => infix(MULTIPLY, *a, "*", *b),
            Op::Divide(a, b) | Op::Unscale(a, b) => infix(MULTIPLY, *a, "/", *b),
            Op::Negate(a) => (UNARY, format!("-{}", self.expr(*a, UNARY))),
            Op::ToNumber(a) | Op::ToMajor(a, _) => self.open(*a),
            Op::Abs(a) => call("abs", &[*a]),
            Op::Min(a, b) => call("min", &[*a, *b]),
            Op::Max(a, b) => call("max", &[*a, *b]),
            Op::Round(a) => call("round", &[*a]),
            Op::Floor(a) => call("floor", &[*a]),
            Op::Ceil(a) => call("ceil", &[*a]),
            Op::Lower(a) => call("lower", &[*a]),
            Op::Upper(a) => call("upper", &[*a]),
            Op::Length(a) | Op::SetLength(a) => call("length", &[*a]),
            Op::StartsWith(a, b) => infix(COMPARE, *a, "starts with", *b),
            Op::EndsWith(a, b) => infix(COMPARE, *a, "ends with", *b),
            Op::TextContains(a, b) | Op::SetContains(a, b) => infix(COMPARE, *a, "contains", *b),
            Op::SetContainsAll(a, b) => infix(COMPARE, *a, "contains all", *b),
            Op::SetOverlaps(a, b) => infix(COMPARE, *a, "overlaps", *b),
            Op::Matches(a, regex) => {
                let regex = &self.plan.regexes[regex.index()];
                (COMPARE, format!("{} matches {}", self.expr(*a, OTHERWISE), quoted(regex)))
            }
            Op::YearsBetween(a, _) => (u8::MAX, format!("years since {}", self.expr(*a, u8::MAX))),
        }
    }

    fn slot(&self, slot: SlotId) -> String {
        match &self.plan.slots[slot.index()].source {
            Source::Field(field) => {
                let fields = &self.plan.events[self.event.index()].fields;
                fields.get(*field as usize).map_or("?", |field| field.name.as_str()).to_owned()
            }
            Source::LocalDate => "local.date".to_owned(),
            // Filters of what is kept look at fields only.
            _ => "?".to_owned(),
        }
    }
}

/// A constant of a type as a literal.
pub(crate) fn constant(plan: &Plan, cell: u64, ty: Type) -> String {
    let int = cell as i64;
    let index = cell as usize;
    let timestamp = |micros: i64| {
        jiff::Timestamp::from_microsecond(micros).map_or_else(|_| micros.to_string(), |at| at.to_string())
    };
    let of_names = |name: Option<&smol_str::SmolStr>| name.map_or("?", |name| name.as_str()).to_owned();
    match ty {
        Type::Bool => (cell != 0).to_string(),
        Type::Int => int.to_string(),
        Type::Number => f64::from_bits(cell).to_string(),
        Type::Percent => format!("{}%", (f64::from_bits(cell) * 1e10).round() / 1e8),
        Type::Money(currency) => {
            let units = currency.minor_units();
            let sign = if int < 0 { "-" } else { "" };
            let (major, minor) =
                (int.unsigned_abs() / units.unsigned_abs(), int.unsigned_abs() % units.unsigned_abs());
            match minor {
                0 => format!("{sign}{major} {}", currency.code()),
                minor => format!(
                    "{sign}{major}.{minor:0width$} {}",
                    currency.code(),
                    width = currency.decimals() as usize
                ),
            }
        }
        Type::Duration => super::state::duration(int),
        Type::Time => format!("{:02}:{:02}", int / 3_600_000_000, int / 60_000_000 % 60),
        Type::Date => timestamp(int.saturating_mul(86_400_000_000)).chars().take(10).collect(),
        Type::Instant => timestamp(int),
        Type::Enum(id) => of_names(plan.enums.get(id.index()).and_then(|of| of.members.get(index))),
        Type::Arm(id) => {
            of_names(plan.experiments.get(id.index()).and_then(|of| of.arms.get(index)).map(|arm| &arm.0))
        }
        Type::Channel => of_names(plan.channels.get(index).map(|channel| &channel.name)),
        Type::Class => of_names(plan.classes.get(index).map(|class| &class.name)),
        Type::Message => of_names(plan.messages.get(index).map(|message| &message.name)),
        Type::Purpose => of_names(plan.purposes.get(index).map(|purpose| &purpose.name)),
        Type::Weekday => {
            const DAYS: [&str; 7] =
                ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
            DAYS.get(index).copied().unwrap_or("?").to_owned()
        }
        Type::Set(Element::Text | Element::Int | Element::Enum(_)) => "[]".to_owned(),
        _ => plan.texts.get(index).map_or_else(|| "?".to_owned(), |text| quoted(text)),
    }
}

/// A text as a literal.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}
