//! What an event can change, and nothing else, is looked at: counted by the engine that counts what conditions come out
//! as. Every condition here compares with a number of its own, by which it is known.

use comity_compiler::engine::{Engine, conditions};
use comity_compiler::ids::PlacementId;
use comity_compiler::plan::Op;
use comity_runtime::policy::Policy;
use comity_runtime::profile::Profile;
use comity_runtime::step::{Detail, Stepper, Taken};
use comity_tests::plan;
use std::collections::BTreeMap;
use std::sync::Arc;

const POLICY: &str = r#"
profile {
  device: text?
  level: int = 0
  points: int = 0
}
event view { number: int }
event buy { number: int }
event depart { number: int }
event ping {}
channel push { to device profile.device }
channel web { inbound }
placement hero { on web  show 1 }
purpose offers { always on push, web }
class usual
arbitrate { rank usual }

segment often = count of view within 7d >= 101
segment high = profile.level >= 102
segment both = profile.points >= 103 and count of buy within 7d >= 104

message viewed { class usual purpose offers on view where number > 201 when profile.level > 202 via push content push { text "v" } }
message bought { class usual purpose offers on buy where number > 203 when profile.points > 204 via push content push { text "b" } }
message became { class usual purpose offers on enter high when profile.points > 205 via push content push { text "h" } }
message displayed { class usual purpose offers at hero when profile.level > 206 content hero { title "s" } }

journey started_by_view { class usual on view where number > 301 when profile.level > 302 wait 1d emit end {} }
journey started_by_buy {
  class usual
  on buy where number < 303
  stop on depart where number > 304
  goal view where number > 305 within 7d
  wait 1d restart on buy where number > 306 up to 2d
  emit end {}
}
"#;

const NOTHING: [i64; 0] = [];

struct Customer {
    policy: Arc<Policy>,
    stepper: Stepper,
    profile: Profile,
    /// By the number of a condition, how often it had been looked at.
    before: BTreeMap<i64, u64>,
    steps: u64,
}

impl Customer {
    fn new() -> Customer {
        let policy = Arc::new(Policy::new(Engine::counting(plan(POLICY))));
        let profile = Profile::new(&policy, "c1".into());
        let stepper = Stepper::new(Arc::clone(&policy), Detail::default());
        let mut customer = Customer { policy, stepper, profile, before: BTreeMap::new(), steps: 0 };
        // At the first event everything is.
        customer.happens("identify", r#"{"device":"here"}"#);
        customer
    }

    /// The conditions that an event looks at.
    fn happens(&mut self, kind: &str, data: &str) -> Vec<i64> {
        self.steps += 1;
        let order = self.steps;
        let line = format!(
            r#"{{"id":"e{order}","type":"{kind}","subject":"c1","time":"2026-11-02T10:{order:02}:00Z","data":{data}}}"#
        );
        let mut event = self.policy.schema.event(line.as_bytes()).expect("an event");
        let taken = self.stepper.event(&mut self.profile, &mut event, order, None, &mut Vec::new());
        assert_eq!(taken, Taken::Accepted);
        self.looked_at()
    }

    /// The conditions that the placement's request looks at.
    fn is_asked(&mut self) -> Vec<i64> {
        self.steps += 1;
        let at = self.profile.now + 1;
        self.stepper.decide(&mut self.profile, PlacementId(0), at, self.steps, &mut Vec::new());
        self.looked_at()
    }

    fn looked_at(&mut self) -> Vec<i64> {
        let plan = &self.policy.plan;
        let constant = |expr| match plan.expr(expr).op {
            Op::Compare(_, _, other) => match plan.expr(other).op {
                Op::Constant(cell) => Some(cell.cast_signed()),
                _ => None,
            },
            _ => None,
        };
        let counted = |expr| self.policy.engine.seen(expr).iter().sum();
        let all: BTreeMap<i64, u64> = conditions(plan)
            .into_iter()
            .filter_map(|expr| Some((constant(expr).filter(|number| *number > 100)?, counted(expr))))
            .collect();
        let now = all.iter().filter(|(number, count)| self.before.get(number).unwrap_or(&0) < count);
        let now = now.map(|(number, _)| *number).collect();
        self.before = all;
        now
    }
}

#[test]
fn an_event_is_looked_at_by_those_that_it_can_matter_to() {
    let mut customer = Customer::new();
    assert_eq!(customer.before.len(), 16, "{:?}", customer.before);
    // Nothing asks for it.
    assert_eq!(customer.happens("ping", "{}"), NOTHING);
    // What stops a journey enters the history, for a start that comes late.
    assert_eq!(customer.happens("depart", r#"{"number":1}"#), [304]);
    // The segment that counts it, the message and the journey that it may start; what fails first ends the look.
    assert_eq!(customer.happens("view", r#"{"number":1}"#), [101, 201, 301]);
    assert_eq!(customer.happens("view", r#"{"number":999}"#), [101, 201, 202, 301, 302]);
    // `both` waits for points: more purchases don't help it.
    assert_eq!(customer.happens("buy", r#"{"number":999}"#), [203, 204, 303]);
    assert_eq!(customer.happens("ping", "{}"), NOTHING);
    // The customer is in the journey from here on.
    assert_eq!(customer.happens("buy", r#"{"number":1}"#), [203, 303]);
    assert_eq!(customer.happens("ping", "{}"), NOTHING);
    assert_eq!(customer.happens("view", r#"{"number":1}"#), [101, 201, 301, 305]);
    assert_eq!(customer.happens("depart", r#"{"number":1}"#), [304]);
    assert_eq!(customer.happens("buy", r#"{"number":1}"#), [203, 303, 306]);
}

#[test]
fn attributes_are_looked_at_by_the_segments_that_ask_for_them() {
    let mut customer = Customer::new();
    // Who asks for no attribute is left alone.
    assert_eq!(customer.happens("identify", r#"{"points":1}"#), [103]);
    assert_eq!(customer.happens("identify", r#"{"level":500}"#), [102, 205]);
    assert_eq!(customer.happens("identify", r#"{"points":500}"#), [103, 104]);
    // Now it waits for purchases, and `high` holds.
    assert_eq!(customer.happens("identify", r#"{"points":501}"#), NOTHING);
    assert_eq!(customer.happens("identify", r#"{"device":"there"}"#), NOTHING);
    assert_eq!(customer.happens("identify", r#"{"level":600}"#), [102]);
    assert_eq!(customer.happens("buy", r#"{"number":999}"#), [103, 104, 203, 204, 303]);
    assert_eq!(customer.happens("ping", "{}"), NOTHING);
    // A placement asks for its own messages.
    assert_eq!(customer.is_asked(), [206]);
}
