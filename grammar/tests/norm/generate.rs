//! Programs made from the norm itself: a walk over the rules of `comity.pest` that chooses at random.
//!
//! Predicates (`!x`, `&x`) are passed over, so that now and then the norm refuses what was made: then the parser must
//! refuse it as well.

use super::Sequence;
use pest_meta::ast::{Expr, RuleType};
use pest_meta::parser::{self, Rule as MetaRule};
use std::collections::HashMap;

/// The rules of the norm.
pub(super) struct Grammar {
    rules: HashMap<String, (RuleType, Expr)>,
    /// How deep the shortest text of each rule is nested in further rules.
    depths: HashMap<String, u32>,
}

/// So many rules may be nested before only the shortest ways are taken.
const BUDGET: u32 = 22;

/// Deeper than any rule that ends.
const ENDLESS: u32 = 1000;

/// Words that are names, most of them keywords elsewhere.
const NAMES: [&str; 24] = [
    "a", "b2", "_c", "value", "active", "has", "message", "send", "on", "at", "stop", "order", "event",
    "channel", "class", "via", "when", "tier", "money", "set", "day_1", "monday", "exit", "only",
];

impl Grammar {
    pub(super) fn read() -> Grammar {
        let text = include_str!("../../comity.pest");
        let pairs = parser::parse(MetaRule::grammar_rules, text).expect("the norm is a grammar");
        let rules = parser::consume_rules(pairs).expect("the norm is a grammar");
        let rules: HashMap<_, _> = rules.into_iter().map(|rule| (rule.name, (rule.ty, rule.expr))).collect();
        let mut grammar = Grammar { depths: HashMap::new(), rules };
        loop {
            let depths: HashMap<_, _> = grammar
                .rules
                .iter()
                .map(|(name, (_, expr))| (name.clone(), (grammar.depth(expr) + 1).min(ENDLESS)))
                .collect();
            if depths == grammar.depths {
                return grammar;
            }
            grammar.depths = depths;
        }
    }

    /// How deep the shortest text of an expression is.
    fn depth(&self, expr: &Expr) -> u32 {
        match expr {
            Expr::Ident(name) if self.rules.contains_key(name) => *self.depths.get(name).unwrap_or(&ENDLESS),
            Expr::Seq(first, second) => self.depth(first).max(self.depth(second)),
            Expr::Choice(first, second) => self.depth(first).min(self.depth(second)),
            Expr::RepOnce(inner) | Expr::RepExact(inner, _) => self.depth(inner),
            _ => 0,
        }
    }

    /// A text of a rule.
    pub(super) fn text(&self, rule: &str, random: &mut Sequence) -> String {
        let mut writer = Writer { grammar: self, random, out: String::new(), template: false };
        writer.rule(rule, false, BUDGET);
        writer.out
    }
}

struct Writer<'g> {
    grammar: &'g Grammar,
    random: &'g mut Sequence,
    out: String,
    /// In the braces of a template: all on one line, and no comments.
    template: bool,
}

impl Writer<'_> {
    fn rule(&mut self, name: &str, atomic: bool, budget: u32) {
        match name {
            "any_word" | "name" => {
                let name = NAMES[self.random.next(NAMES.len())];
                self.out.push_str(name);
            }
            "capital_name" => self.out.push_str(["Tier", "A", "Day2"][self.random.next(3)]),
            "currency" => self.out.push_str(["EUR", "JPY", "XXX"][self.random.next(3)]),
            "unicode" => self.out.push_str(["u{1F44B}", "u{0}", "u{10FFFF}"][self.random.next(3)]),
            "ANY" => self.out.push(['x', ' ', 'é', '/', '-', '7'][self.random.next(6)]),
            "ASCII_DIGIT" => self.out.push(['0', '1', '2', '9'][self.random.next(4)]),
            "ASCII_ALPHA_UPPER" => self.out.push('Q'),
            "ASCII_ALPHA_LOWER" | "ASCII_ALPHANUMERIC" => self.out.push('q'),
            "ASCII_HEX_DIGIT" => self.out.push('A'),
            "SOI" | "EOI" => {}
            _ => {
                let (ty, expr) = &self.grammar.rules[name];
                let atomic = match ty {
                    RuleType::Atomic | RuleType::CompoundAtomic => true,
                    RuleType::NonAtomic => false,
                    _ => atomic,
                };
                let outer = self.template;
                self.template |= name == "template";
                self.write(expr, atomic, budget.saturating_sub(1));
                self.template = outer;
            }
        }
    }

    fn write(&mut self, expr: &Expr, atomic: bool, budget: u32) {
        match expr {
            Expr::Str(text) | Expr::Insens(text) => self.out.push_str(text),
            Expr::Range(first, _) => self.out.push_str(first),
            Expr::Ident(name) => self.rule(name, atomic, budget),
            Expr::Seq(first, second) => {
                self.write(first, atomic, budget);
                self.between(atomic);
                self.write(second, atomic, budget);
            }
            Expr::Choice(..) => {
                let mut all = Vec::new();
                alternatives(expr, &mut all);
                // The shortest is always there; the others as long as they end.
                let shortest = all.iter().map(|one| self.grammar.depth(one)).min().unwrap_or_default();
                let most = if budget == 0 { shortest } else { budget.max(shortest) };
                all.retain(|one| self.grammar.depth(one) <= most);
                let chosen = all[self.random.next(all.len())];
                self.write(chosen, atomic, budget);
            }
            Expr::Opt(inner) => self.repeat(inner, 0, 1, atomic, budget),
            Expr::Rep(inner) => self.repeat(inner, 0, 3, atomic, budget),
            Expr::RepOnce(inner) => self.repeat(inner, 1, 3, atomic, budget),
            Expr::RepExact(inner, count) => self.repeat(inner, *count, *count, atomic, budget),
            Expr::RepMin(inner, least) => self.repeat(inner, *least, *least + 2, atomic, budget),
            Expr::RepMax(inner, most) => self.repeat(inner, 0, *most, atomic, budget),
            Expr::RepMinMax(inner, least, most) => self.repeat(inner, *least, *most, atomic, budget),
            _ => {}
        }
    }

    fn repeat(&mut self, inner: &Expr, least: u32, most: u32, atomic: bool, budget: u32) {
        let possible = budget > 0 && self.grammar.depth(inner) <= budget;
        let most = if possible { most } else { least };
        let count = least + self.random.next((most - least + 1) as usize) as u32;
        for turn in 0..count {
            if turn > 0 {
                self.between(atomic);
            }
            self.write(inner, atomic, budget);
        }
    }

    fn between(&mut self, atomic: bool) {
        if atomic {
            return;
        }
        let separator = if self.template {
            " "
        } else {
            match self.random.next(60) {
                0 => " // why\n",
                1 => "\n\n// what\n",
                2..=9 => "\n",
                _ => " ",
            }
        };
        self.out.push_str(separator);
    }
}

fn alternatives<'e>(expr: &'e Expr, all: &mut Vec<&'e Expr>) {
    match expr {
        Expr::Choice(first, second) => {
            alternatives(first, all);
            alternatives(second, all);
        }
        other => all.push(other),
    }
}
