//! Expressions, each of the type that is asked for, and what is made of them.

use super::Maker;

impl Maker<'_> {
    pub(super) fn bool(&mut self, depth: u64) -> String {
        if depth == 0 {
            return match self.random.below(12) {
                0 => format!("{} >= silver", self.attribute("tier")),
                1 => format!("({} otherwise 0) >= 18", self.attribute("age")),
                2 => format!("{} contains \"golf\"", self.attribute("hobbies")),
                3 => format!("no {} within 1d", self.need("buy")),
                4 => format!(
                    "any ({} where amount > 5 EUR and stars is known) within 2 weeks",
                    self.need("buy")
                ),
                5 => self.need("regular"),
                6 => format!("reachable({})", self.need("email_channel")),
                7 => format!("arm({}) == a", self.need("trial")),
                8 => "bucket(\"s\") < 12.5%".to_owned(),
                9 => format!("{}(2)", self.need("over")),
                10 => {
                    self.need("timezone");
                    "local.weekday in [saturday, sunday]".to_owned()
                }
                _ => format!("consent({}, {})", self.need("marketing"), self.need("email_channel")),
            };
        }
        let d = depth - 1;
        match self.random.below(9) {
            0 | 1 => format!("({} and {})", self.bool(d), self.bool(d)),
            2 => format!("({} or {})", self.bool(d), self.bool(d)),
            3 => format!("not ({})", self.bool(d)),
            4 => format!("{} {} {}", self.number(d), self.comparison(), self.number(d)),
            5 => format!("{} {} {}", self.money(d), self.comparison(), self.money(d)),
            6 => self.need("grown"),
            7 => format!("{} matches \"a{{2}}[0-9]+\"", self.text()),
            _ => format!("(if {} then {} else {})", self.bool(d), self.bool(d), self.bool(d)),
        }
    }

    fn comparison(&mut self) -> &'static str {
        self.random.pick(&["==", "!=", "<", "<=", ">", ">="])
    }

    pub(super) fn number(&mut self, depth: u64) -> String {
        if depth == 0 {
            return match self.random.below(5) {
                0 => self.attribute("visits"),
                1 => self.attribute("ratio"),
                2 => format!("({} otherwise 3)", self.attribute("age")),
                3 => "0.25".to_owned(),
                _ => self.random.below(9).to_string(),
            };
        }
        let d = depth - 1;
        match self.random.below(9) {
            0 => format!("({} + {})", self.number(d), self.number(d)),
            1 => format!("({} * {})", self.number(d), self.number(d)),
            2 => format!("({} / {} otherwise 1)", self.number(d), self.number(d)),
            3 => format!("count of {} within 90s", self.need("buy")),
            4 => format!("({} / 20 EUR otherwise 0)", self.money(d)),
            5 => format!("(distinct {}.kind)", self.need("buy")),
            6 => {
                let tier = self.attribute("tier");
                format!("(match {tier} {{ gold => {}, else => {} }} * 1.0)", self.number(0), self.number(0))
            }
            7 => {
                self.need("timezone");
                let born = self.attribute("born");
                format!("(if {born} is known then years since {born} else 0)")
            }
            _ => format!("max({}, -({}))", self.number(d), self.number(0)),
        }
    }

    pub(super) fn money(&mut self, depth: u64) -> String {
        match self.random.below(if depth == 0 { 2 } else { 5 }) {
            0 => self.attribute("spent"),
            1 => format!("{}.{:02} EUR", self.random.below(30), self.random.below(100)),
            2 => format!("sum of ({} where kind == \"a\").amount", self.need("buy")),
            3 => format!("({} * 15%)", self.money(depth - 1)),
            _ => format!("(max of {}.amount within 1d otherwise 0 EUR)", self.need("buy")),
        }
    }

    fn text(&mut self) -> String {
        match self.random.below(3) {
            0 => format!("({} otherwise \"x\")", self.attribute("nick")),
            1 => format!("lower({} otherwise \"Ö\\u{{1F44B}}\")", self.attribute("nick")),
            _ => format!("(last {}.kind otherwise \"none\")", self.need("buy")),
        }
    }

    /// A condition on the customer alone, in which time is only compared with constants.
    pub(super) fn segment_condition(&mut self, depth: u64) -> String {
        if depth > 0 && self.random.once_in(2) {
            let word = self.random.pick(&["and", "or"]);
            return format!(
                "({} {word} not {})",
                self.segment_condition(depth - 1),
                self.segment_condition(0)
            );
        }
        match self.random.below(5) {
            0 => format!("count of {} within 24h >= 3", self.need("buy")),
            1 => format!("(time since last {} otherwise 365d) > 30d", self.need("buy")),
            2 => format!("{} == gold", self.attribute("tier")),
            3 => {
                self.need("timezone");
                "local.hour in 9..17".to_owned()
            }
            _ => self.need("grown"),
        }
    }

    pub(super) fn let_(&mut self) -> String {
        let name = self.fresh("let");
        match self.random.below(4) {
            0 => format!("let {name} = {}", self.number(2)),
            1 => format!("let {name} = {}", self.money(1)),
            2 => format!("let {name}(x: int, y: {}) = x > 3 and y >= gold", self.need("Tier")),
            _ => format!("let {name} = {}", self.bool(2)),
        }
    }

    pub(super) fn table(&mut self) -> String {
        let (name, tier, email) = (self.fresh("table"), self.need("Tier"), self.need("email_channel"));
        let number = self.number(1);
        format!(
            "table {name}(tier: {tier}, ch: channel, n: int): number {{\n  gold, {email}, 0..3 => 1.5\n  \
             _, _, (-5..-1) => ({number})\n  silver, _, 7 => (-2)\n  _, _, _ => 1\n}}"
        )
    }

    /// Something that happens.
    pub(super) fn occurrence(&mut self) -> String {
        match self.random.below(5) {
            0 => self.need("ping"),
            1 => format!("{} where amount >= 20 EUR", self.need("buy")),
            2 => format!("enter {}", self.need("regular")),
            3 => format!("leave {}", self.need("regular")),
            _ => self.need("buy"),
        }
    }
}
