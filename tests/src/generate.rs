//! Random policies that are well typed, and random events and profiles for them.
//!
//! The policies use every construct that decisions can use; the numbers are small, the times few, so that
//! conditions hold and fail about equally often, times coincide, and caps fill.

mod journeys;
mod program;

pub use program::{Program, program};

use std::fmt::Write;

/// A stream of random numbers: SplitMix64 (Steele, Lea, Flood 2014).
pub struct Random(u64);

impl Random {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    /// The next number.
    #[allow(clippy::should_implement_trait)] // It never ends, and nobody iterates over it.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// One of `0..n`.
    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    /// Whether, once in `n` times.
    pub fn once_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    /// One of some.
    pub fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len() as u64) as usize]
    }
}

/// What all the policies here can speak of.
const VOCABULARY: &str = r#"
enum Tier ordered { bronze, silver, gold }
enum Color { red, green, blue }
profile {
  email: email? personal
  phone: phone?
  push_token: text?
  timezone: timezone = "Europe/Berlin"
  language: language?
  country: country = "DE"
  tier: Tier = bronze
  color: Color?
  age: int?
  visits: int = 0
  ratio: number?
  share: percent = 10%
  balance: money EUR = 5 EUR
  birthday: date?
  joined: instant?
  patience: duration = 2h
  nick: text?
  interests: set of text
  colors: set of Color
}
event view { product: text, category: text, price: money EUR, stars: int?, color: Color? }
event buy { order: text, category: text, amount: money EUR, weight: number, off: percent?, at: instant? }
event ping {}
channel email { to profile.email QUIET0 spread 20m cost 0.001 EUR }
channel sms { to profile.phone QUIET1 }
channel push { to device profile.push_token }
channel web { inbound }
placement hero { on web show 1 }
placement feed { on web show 2 distinct category }
every message has { category: text = "none" margin: percent = 10% rank: int = 1 }
// What is known in a let says nothing outside it, so that a condition can stand beside `otherwise`.
let grown = profile.age is known and profile.age > 20
let old = profile.age is known and profile.age > 30
let born = profile.birthday is known and days since profile.birthday > 3
let big = 1000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000.0
class service { ignores quiet, caps, suppression, holdout }
class lifecycle
class promotional
"#;

const CATEGORIES: &[&str] = &["shoes", "hats", "", "Größe", "none"];
const ZONES: &[&str] = &[
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/Havana",
    "Asia/Kathmandu",
    "UTC",
];

/// A random policy, of a few messages.
pub fn policy(random: &mut Random) -> String {
    let mut writer = Writer { random, out: String::new(), segments: 0, event: None, purpose: false };
    writer.policy(None);
    writer.out
}

/// A random policy of so many messages, besides those that only journeys send.
pub fn crowd(random: &mut Random, messages: u64) -> String {
    let mut writer = Writer { random, out: String::new(), segments: 0, event: None, purpose: false };
    writer.policy(Some(messages));
    writer.out
}

struct Writer<'a> {
    random: &'a mut Random,
    out: String,
    segments: u64,
    /// The event that `event.x` looks at.
    event: Option<&'static str>,
    /// In a rule of consent, which can't ask for consent.
    purpose: bool,
}

impl Writer<'_> {
    fn policy(&mut self, messages: Option<u64>) {
        let vocabulary = ["QUIET0", "QUIET1"].iter().fold(VOCABULARY.to_owned(), |text, place| {
            let quiet = self.quiet();
            text.replace(place, &quiet)
        });
        self.out.push_str(&vocabulary);
        for index in 0..1 + self.random.below(3) {
            let condition = self.segment_condition(2);
            let _ = writeln!(self.out, "segment seg{index} = {condition}");
            self.segments = index + 1;
        }
        let value = self.number(2);
        let _ = writeln!(self.out, "let worth = {value}");
        let cond = self.number(1);
        let _ =
            writeln!(self.out, "let over(limit: number, who: Tier) = {cond} > limit and profile.tier >= who");
        self.out.push_str(
            "table lever_for(tier: Tier, ch: channel, n: int): number {\n  gold, email, 0..3 => 1.5\n  gold, _, _ => 1.2\n  \
             _, sms, (-5..5) => (worth * 0.5)\n  _, _, 7 => (-2)\n  _, _, _ => 1\n}\n",
        );
        self.rules();
        let messages = messages.unwrap_or_else(|| 1 + self.random.below(6));
        for index in 0..messages {
            self.message(index);
        }
        self.journeys();
    }

    fn quiet(&mut self) -> String {
        let mut text = String::new();
        for _ in 0..self.random.below(3) {
            let ranges = ["21:00..08:00", "00:00..24:00", "12:00..13:30", "02:30..03:15", "23:59..00:01"];
            let _ = write!(text, " quiet {}", self.random.pick(&ranges));
            if self.random.once_in(2) {
                let _ = write!(text, " on {}", self.random.pick(&["sunday", "monday, tuesday", "friday"]));
            }
            if self.random.once_in(3) {
                self.event = None;
                let _ = write!(text, " when {}", self.bool(1));
            }
        }
        text
    }

    fn rules(&mut self) {
        self.event = None;
        self.purpose = true;
        let when = self.bool(1);
        self.purpose = false;
        let _ = writeln!(
            self.out,
            "purpose marketing {{ double_opt_in on email when {when} opt_out on sms when profile.tier == gold \
             opt_in on email, sms, push always on web }}"
        );
        self.out.push_str("purpose servicing { always on email, sms, push, web }\n");
        self.out.push_str("purpose care { opt_out on email, sms never on push when profile.visits > 2 opt_in on push, web }\n");
        for index in 0..self.random.below(3) {
            let span = self.random.pick(&["3h", "1d", "7d", "day", "week", "month"]);
            let selector = self.selector();
            let per = self.random.pick(&["", "", " per message", " per tag", " per channel"]);
            let limit = 1 + self.random.below(3);
            let _ = writeln!(self.out, "cap cap{index} at most {limit} per {span} for {selector}{per}");
        }
        for _ in 0..self.random.below(3) {
            let selector = self.selector();
            let condition = match self.random.below(3) {
                0 => "any (buy where category == message.category) within 1d".to_owned(),
                1 => format!("message.rank > 1 and {}", self.bool(1)),
                _ => self.bool(2),
            };
            let _ = writeln!(self.out, "suppress {selector} when {condition}");
        }
        if self.random.once_in(4) {
            let salt = self.random.below(9);
            let _ = writeln!(self.out, "holdout control 30% of lifecycle, promotional salt \"h{salt}\"");
        }
        self.out.push_str("experiment trial { arms a 50%, b 50% salt \"x\" goal buy within 7d }\n");
        let score = self.random.pick(&[
            "propensity * value * lever",
            "value * lever + margin * 3",
            "(if message.class == promotional then 2.0 else value) - rank",
            "value / (lever - 1) otherwise 4",
            "value * 99999999999999999999.0 * big * big",
        ]);
        let pick = self.random.pick(&["", " pick 1", " pick 1 per channel", " pick 2"]);
        let _ =
            writeln!(self.out, "arbitrate {{ rank service, lifecycle, promotional score {score}{pick} }}");
    }

    fn selector(&mut self) -> String {
        let mut text =
            self.random.pick(&["any", "promotional", "lifecycle, promotional", "service"]).to_owned();
        if self.random.once_in(3) {
            text.push_str(" tagged sale, news");
        }
        if self.random.once_in(3) {
            text.push_str(" on email, web");
        }
        text
    }

    fn message(&mut self, index: u64) {
        let class = self.random.pick(&["service", "lifecycle", "promotional", "promotional"]);
        let purpose = self.random.pick(&["marketing", "servicing", "care", "marketing, care"]);
        let _ = write!(self.out, "message m{index} {{ class {class} purpose {purpose}");
        if self.random.once_in(2) {
            let _ = write!(self.out, " tags {}", self.random.pick(&["sale", "news", "sale, news", "other"]));
        }
        if self.random.once_in(2) {
            let _ = write!(self.out, " category = \"{}\"", self.random.pick(CATEGORIES));
        }
        if self.random.once_in(3) {
            let _ = write!(self.out, " rank = {}", self.random.below(4));
        }
        if self.random.once_in(6) {
            self.out.push_str(" active 2026-10-20..2026-10-28");
        }
        if self.random.once_in(4) {
            let _ = write!(self.out, " expires {}", self.random.pick(&["1h", "12h", "3d"]));
        }
        let placed = self.random.once_in(4);
        let places = self.random.pick(&["hero", "feed", "hero, feed"]);
        self.event = None;
        if placed {
            let _ = write!(self.out, " at {places}");
        } else {
            self.trigger();
        }
        if self.random.below(3) > 0 {
            let inner = self.bool(3);
            let _ = write!(self.out, " when {}", inner);
        }
        if self.random.once_in(3) {
            let inner = self.bool(2);
            let _ = write!(self.out, " unless {}", inner);
        }
        if self.random.once_in(2) {
            let inner = self.number(2);
            let _ = write!(self.out, " value {}", inner);
        }
        if self.random.once_in(4) {
            let inner = self.percent(1);
            let _ = write!(self.out, " propensity {}", inner);
        }
        if self.random.once_in(3) {
            let inner = self.int(1);
            let _ = write!(self.out, " lever lever_for(profile.tier, channel, {})", inner);
        }
        let (text, number) = (self.piece(), self.piece());
        if placed {
            for place in places.split(", ") {
                let _ = write!(self.out, " content {place} {{ title \"{text}\" }}");
            }
            self.out.push_str(" }\n");
            return;
        }
        let via =
            self.random.pick(&["email", "sms", "push", "email, push", "sms, email", "push, sms, email"]);
        let _ = write!(self.out, " via {via}");
        for channel in via.split(", ") {
            let _ = match channel {
                "email" => write!(
                    self.out,
                    " content email {{ subject \"{text}\" body \"b\" }} content email for \"de\" {{ subject \"DE {number}\" body \"b\" }}"
                ),
                other => write!(self.out, " content {other} {{ text \"{number}\" }}"),
            };
        }
        self.out.push_str(" }\n");
    }

    fn trigger(&mut self) {
        let event = match self.random.below(6) {
            0 | 1 => "view",
            2 | 3 => "buy",
            _ => "",
        };
        if !event.is_empty() {
            let _ = write!(self.out, " on {event}");
            if self.random.once_in(2) {
                self.event = None;
                let filter = self.filter(event);
                let _ = write!(self.out, " where {filter}");
            }
            self.event = Some(if event == "view" { "view" } else { "buy" });
            return;
        }
        let segment = self.random.below(self.segments);
        let on = match self.random.below(6) {
            0 => "ping".to_owned(),
            1 => format!("enter seg{segment}"),
            2 => format!("leave seg{segment}"),
            3 => "every day at 02:30".to_owned(),
            4 => "every sunday at 10:00".to_owned(),
            _ => "opened".to_owned(),
        };
        let _ = write!(self.out, " on {on}");
    }

    /// The inside of a template.
    fn piece(&mut self) -> String {
        let choices = match self.event {
            Some("view") => 6,
            _ => 5,
        };
        match self.random.below(choices) {
            0 => "hi {profile.nick otherwise \"friend\"}".to_owned(),
            1 => "{profile.balance} {profile.tier} {now}".to_owned(),
            2 => format!("{{{}}}", self.int(1)),
            3 => "{local.date} {local.time} {profile.share} {profile.patience}".to_owned(),
            4 => "plain \\{ text".to_owned(),
            _ => "{event.price} {event.product}".to_owned(),
        }
    }

    fn segment_condition(&mut self, depth: u64) -> String {
        if depth == 0 || self.random.once_in(3) {
            return match self.random.below(10) {
                0 => "count of view within 3h >= 2".to_owned(),
                1 => "no buy within 1d".to_owned(),
                2 => "(time since last view otherwise 0s) > 2h".to_owned(),
                3 => "local.hour in 9..17".to_owned(),
                4 => "local.weekday in [saturday, sunday]".to_owned(),
                5 => "old".to_owned(),
                6 => "sum of buy.amount within today > 20 EUR".to_owned(),
                7 => "count of (view where category == \"shoes\") within this week > 1".to_owned(),
                8 => "born".to_owned(),
                _ => "count of sent within 5h > 0".to_owned(),
            };
        }
        let (a, b) = (self.segment_condition(depth - 1), self.segment_condition(depth - 1));
        match self.random.below(3) {
            0 => format!("({a} and {b})"),
            1 => format!("({a} or {b})"),
            _ => format!("not ({a})"),
        }
    }

    /// A condition on the fields of an event.
    fn filter(&mut self, event: &str) -> String {
        let category = self.random.pick(CATEGORIES);
        match (event, self.random.below(6)) {
            (_, 0) => format!("category == \"{category}\""),
            (_, 1) => "category in [\"shoes\", \"hats\"]".to_owned(),
            ("view", 2) => format!("price >= {} EUR", self.random.below(20)),
            ("view", 3) => "stars is known and stars > 2".to_owned(),
            ("view", 4) => "color is known and color == red or category starts with \"G\"".to_owned(),
            ("view", _) => format!("category != \"{category}\" and price < profile.balance"),
            (_, 2) => format!("amount >= {} EUR", self.random.below(20)),
            (_, 3) => "weight > 1.5".to_owned(),
            (_, 4) => "(off otherwise 0%) < 20%".to_owned(),
            (_, _) => match self.event {
                Some(_) => "category == event.category".to_owned(),
                None => "category == (profile.nick otherwise \"hats\")".to_owned(),
            },
        }
    }

    fn pattern(&mut self) -> (&'static str, String) {
        let event = if self.random.once_in(2) { "view" } else { "buy" };
        if self.random.once_in(2) {
            let filter = self.filter(event);
            return (event, format!("({event} where {filter})"));
        }
        (event, event.to_owned())
    }

    fn within(&mut self) -> &'static str {
        self.random.pick(&[
            "",
            " within 90s",
            " within 3h",
            " within 1d",
            " within 2w",
            " within today",
            " within this week",
            " within this month",
            " within this quarter",
            " within this year",
        ])
    }

    fn bool(&mut self, depth: u64) -> String {
        if depth == 0 {
            return match self.random.below(10) {
                0 => "profile.tier >= silver".to_owned(),
                1 => "profile.country in [\"DE\", \"AT\"]".to_owned(),
                2 => "reachable(email)".to_owned(),
                3 if !self.purpose => "consent(marketing, email)".to_owned(),
                4 => "profile.interests contains \"golf\"".to_owned(),
                5 => "arm(trial) == a".to_owned(),
                6 if self.segments > 0 => format!("seg{}", self.random.below(self.segments)),
                7 => "bucket(\"s\") < 50%".to_owned(),
                8 => "profile.colors overlaps profile.colors".to_owned(),
                _ => "local.time in 08:00..20:00".to_owned(),
            };
        }
        let d = depth - 1;
        match self.random.below(16) {
            0 | 1 => format!("({} and {})", self.bool(d), self.bool(d)),
            2 | 3 => format!("({} or {})", self.bool(d), self.bool(d)),
            4 => format!("not ({})", self.bool(d)),
            5 => format!("({} {} {})", self.int(d), self.comparison(), self.int(d)),
            6 => format!("({} {} {})", self.number(d), self.comparison(), self.number(d)),
            7 => format!("({} {} {})", self.money(d), self.comparison(), self.money(d)),
            8 => format!("({} {} {})", self.duration(d), self.comparison(), self.duration(d)),
            9 => format!("({} == {})", self.text(d), self.text(d)),
            10 => format!("({} starts with {})", self.text(d), self.text(d)),
            11 => {
                let (_, pattern) = self.pattern();
                let fold = self.random.pick(&["any", "no"]);
                format!("({fold} {pattern}{})", self.within())
            }
            12 => format!("({} in {}..{})", self.int(d), self.random.below(3), 3 + self.random.below(5)),
            13 => "grown".to_owned(),
            14 => format!("over({}, silver)", self.number(d)),
            _ => format!("(if {} then {} else {})", self.bool(d), self.bool(d), self.bool(d)),
        }
    }

    fn comparison(&mut self) -> &'static str {
        self.random.pick(&["==", "!=", "<", "<=", ">", ">="])
    }

    fn int(&mut self, depth: u64) -> String {
        if depth == 0 {
            return match self.random.below(4) {
                0 => "profile.visits".to_owned(),
                1 => "(profile.age otherwise 3)".to_owned(),
                2 => "local.day".to_owned(),
                _ => self.random.below(6).to_string(),
            };
        }
        let d = depth - 1;
        match self.random.below(9) {
            0 => format!("({} + {})", self.int(d), self.int(d)),
            1 => format!("({} - {})", self.int(d), self.int(d)),
            2 => format!("({} * {})", self.int(d), self.int(d)),
            3 => format!("round({})", self.number(d)),
            4 => format!("length({})", self.text(d)),
            5 => {
                let (_, pattern) = self.pattern();
                format!("count of {pattern}{}", self.within())
            }
            6 => {
                let (event, pattern) = self.pattern();
                let field = if event == "view" { "product" } else { "category" };
                format!("(distinct {pattern}.{field}{})", self.within())
            }
            7 => format!("(match profile.tier {{ gold => {}, else => {} }})", self.int(d), self.int(d)),
            _ => format!("max({}, {})", self.int(d), self.int(d)),
        }
    }

    fn number(&mut self, depth: u64) -> String {
        if depth == 0 {
            return match self.random.below(4) {
                0 => "(profile.ratio otherwise 0.5)".to_owned(),
                1 => "2.25".to_owned(),
                2 => format!("{}.{}", self.random.below(4), self.random.below(100)),
                _ => "0.1".to_owned(),
            };
        }
        let d = depth - 1;
        match self.random.below(9) {
            0 => format!("({} + {})", self.number(d), self.number(d)),
            1 => format!("({} * {})", self.number(d), self.number(d)),
            2 => format!("({} / {} otherwise 1.5)", self.number(d), self.number(d)),
            3 => format!("({} / {} otherwise 2.0)", self.money(d), self.money(d)),
            4 => format!("({} * 1.5)", self.int(d)),
            5 => format!("(sum of buy.weight{})", self.within()),
            6 => format!("(average of buy.weight{} otherwise 0.25)", self.within()),
            7 => format!("({} * {})", self.percent(d), self.number(d)),
            _ => format!("clamp({}, 0.0, 3.0)", self.number(d)),
        }
    }

    fn percent(&mut self, depth: u64) -> String {
        match self.random.below(if depth == 0 { 2 } else { 4 }) {
            0 => "profile.share".to_owned(),
            1 => "12.5%".to_owned(),
            2 => "(profile.share + 5%)".to_owned(),
            _ => "(last buy.off otherwise 3%)".to_owned(),
        }
    }

    fn money(&mut self, depth: u64) -> String {
        if depth == 0 {
            return match self.random.below(2) {
                0 => "profile.balance".to_owned(),
                _ => format!("{}.{:02} EUR", self.random.below(30), self.random.below(100)),
            };
        }
        let d = depth - 1;
        match self.random.below(8) {
            0 => format!("({} + {})", self.money(d), self.money(d)),
            1 => format!("({} * {})", self.money(d), self.number(d)),
            2 => format!("({} * {})", self.money(d), self.percent(d)),
            3 => format!("(sum of buy.amount{})", self.within()),
            4 => format!("(average of view.price{} otherwise 1 EUR)", self.within()),
            5 => format!("(max of buy.amount{} otherwise 2 EUR)", self.within()),
            6 => format!("(last view.price{} otherwise 3 EUR)", self.within()),
            _ => format!("(first buy.amount{} otherwise 4 EUR)", self.within()),
        }
    }

    fn duration(&mut self, depth: u64) -> String {
        match self.random.below(if depth == 0 { 2 } else { 5 }) {
            0 => "profile.patience".to_owned(),
            1 => self.random.pick(&["90s", "3h", "1 day", "2w"]).to_owned(),
            2 => "(time since last buy otherwise 1h)".to_owned(),
            3 => "(time since first view otherwise 2h)".to_owned(),
            _ => "(profile.patience * 1.5)".to_owned(),
        }
    }

    fn text(&mut self, depth: u64) -> String {
        if depth == 0 {
            return match self.random.below(3) {
                0 => "(profile.nick otherwise \"golf\")".to_owned(),
                1 => format!("\"{}\"", self.random.pick(CATEGORIES)),
                _ => match self.event {
                    Some(_) => "event.category".to_owned(),
                    None => "\"x\"".to_owned(),
                },
            };
        }
        match self.random.below(4) {
            0 => format!("lower({})", self.text(depth - 1)),
            1 => format!("upper({})", self.text(depth - 1)),
            2 => "(last view.category otherwise \"hats\")".to_owned(),
            _ => self.text(0),
        }
    }
}

/// Random profiles, one per line.
pub fn profiles(random: &mut Random, customers: u64) -> String {
    let mut out = String::new();
    for customer in 0..customers {
        if random.once_in(4) {
            continue;
        }
        let attributes = attributes(random);
        let consents = match random.below(3) {
            0 => "",
            1 => r#"{"purpose":"marketing","confirmed":true},{"purpose":"care","channel":"push"}"#,
            _ => r#"{"purpose":"marketing","channel":"email"}"#,
        };
        let _ = writeln!(
            out,
            r#"{{"subject":"c{customer}","attributes":{{{attributes}}},"consents":[{consents}]}}"#
        );
    }
    out
}

fn attributes(random: &mut Random) -> String {
    let mut out: Vec<String> = Vec::new();
    let all = [
        r#""email":"a@shop.example""#.to_owned(),
        r#""email":"b@shop.example""#.to_owned(),
        r#""email":null"#.to_owned(),
        r#""phone":"+4915112345678""#.to_owned(),
        r#""push_token":"t""#.to_owned(),
        format!(r#""timezone":"{}""#, random.pick(ZONES)),
        format!(r#""language":"{}""#, random.pick(&["de", "de-AT", "en", "fr"])),
        format!(r#""country":"{}""#, random.pick(&["DE", "AT", "US"])),
        format!(r#""tier":"{}""#, random.pick(&["bronze", "silver", "gold"])),
        r#""color":"red""#.to_owned(),
        format!(r#""age":{}"#, random.below(60)),
        format!(r#""visits":{}"#, random.below(9)),
        format!(r#""ratio":{}.5"#, random.below(4)),
        r#""share":"30%""#.to_owned(),
        format!(r#""balance":"{}.37 EUR""#, random.below(40)),
        r#""birthday":"2026-10-20""#.to_owned(),
        format!(r#""patience":"{}h""#, random.below(5)),
        format!(r#""nick":"{}""#, random.pick(CATEGORIES)),
        r#""interests":["golf","x"]"#.to_owned(),
        r#""colors":["red","blue"]"#.to_owned(),
    ];
    let mut keys: Vec<&str> = Vec::new();
    for attribute in &all {
        let key = attribute.split(':').next().unwrap_or_default();
        if random.once_in(2) && !keys.contains(&key) {
            keys.push(key);
            out.push(attribute.clone());
        }
    }
    out.join(",")
}

/// A random log around the end of summer time, with equal, late and duplicate events.
pub fn events(random: &mut Random, customers: u64, count: u64) -> String {
    let mut out = String::new();
    // 2026-10-24T18:00:00Z
    let mut clock: i64 = 1_792_864_800;
    let mut last = String::new();
    for index in 0..count {
        if random.once_in(12) && !last.is_empty() {
            out.push_str(&last);
            continue;
        }
        clock += match random.below(8) {
            0 | 1 => 0,
            2..=4 => random.below(600) as i64,
            5 | 6 => random.below(6 * 3600) as i64,
            _ => random.below(2 * 86_400) as i64,
        };
        let time = match random.below(10) {
            0 => clock - random.below(3600) as i64,
            1 => clock - random.below(3 * 86_400) as i64,
            _ => clock,
        };
        let subject = random.below(customers);
        let (kind, data) = event(random, subject, customers);
        let instant = jiff::Timestamp::from_second(time).unwrap_or_default();
        last = format!(
            "{{\"id\":\"e{index}\",\"type\":\"{kind}\",\"subject\":\"c{subject}\",\"time\":\"{instant}\",\"data\":{data}}}\n"
        );
        out.push_str(&last);
    }
    out
}

fn event(random: &mut Random, subject: u64, customers: u64) -> (&'static str, String) {
    let category = random.pick(CATEGORIES);
    match random.below(16) {
        0..=4 => {
            let stars =
                if random.once_in(2) { format!(",\"stars\":{}", random.below(5)) } else { String::new() };
            let color = if random.once_in(2) { ",\"color\":\"red\"" } else { "" };
            let price = random.below(25);
            let product = random.below(3);
            (
                "view",
                format!(
                    r#"{{"product":"p{product}","category":"{category}","price":"{price}.50 EUR"{stars}{color}}}"#
                ),
            )
        }
        5..=8 => {
            let off = if random.once_in(2) { ",\"off\":0.15" } else { "" };
            let (amount, weight) = (random.below(30), random.below(40));
            (
                "buy",
                format!(
                    r#"{{"order":"o","category":"{category}","amount":"{amount}.10 EUR","weight":{weight}.1{off}}}"#
                ),
            )
        }
        9 | 10 => ("ping", "{}".to_owned()),
        11 => ("identify", format!("{{{}}}", attributes(random))),
        12 => {
            let channel = random.pick(&["", r#","channel":"email""#, r#","channel":"push""#]);
            let confirmed = random.once_in(2);
            (
                "consent_granted",
                format!(r#"{{"purpose":"marketing","source":"s","confirmed":{confirmed}{channel}}}"#),
            )
        }
        13 => (
            "consent_withdrawn",
            random
                .pick(&[r#"{"source":"s"}"#, r#"{"purpose":"marketing","channel":"email","source":"s"}"#])
                .to_owned(),
        ),
        14 => {
            let kind = ["failed", "opened", "unsubscribed", "clicked", "delivered"][random.below(5) as usize];
            let message = random.pick(&["m0", "m0", "s0_0", "s0_1", "s1_0"]);
            let channel = random.pick(&["email", "push", "sms"]);
            (kind, format!(r#"{{"message":"{message}","channel":"{channel}"}}"#))
        }
        _ if random.once_in(6) => ("merge", format!(r#"{{"from":"c{}"}}"#, (subject + 1) % customers)),
        _ => ("ping", "{}".to_owned()),
    }
}
