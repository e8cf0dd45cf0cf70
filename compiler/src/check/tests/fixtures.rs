//! Each kind of mistake in the places in which it can be made.

use crate::mistakes::fixture::{fixture, with_messages, with_vocabulary};

#[test]
fn types_of_operations() {
    with_vocabulary(
        r#"let a = 1 + 2.5
let b = profile.spent * 0.3
let c = 10% * profile.spent
let d = profile.spent + 5
//                    ^ E0202
let e = profile.spent + 5 USD
//                      ^^^^^ E0210
let f = 2d * 1.5
let g = profile.spent / 2 otherwise 0 EUR
let h = profile.spent / 2 EUR otherwise 0
let i = now - 2d
let j = local.date - 1d
//                 ^ E0202
let k = profile.name + "x"
//                   ^ E0202
let l = -profile.name
//       ^^^^^^^^^^^^ E0202
let m = 15% + 5%
let n = 15% + 5
//          ^ E0202
let o = (1 / 2) + 1
//       ^^^^^ E0204
let p = not 5
//          ^ E0201
let q = now - now + 2d
let r = -9223372036854775808
let s = profile.spent * profile.spent
//                    ^ E0202
"#,
    );
}

#[test]
fn comparisons() {
    with_vocabulary(
        r#"segment a = profile.tier >= silver and gold <= profile.tier
segment b = profile.mood > sad
//                       ^ E0203
segment c = profile.name < "x"
//                       ^ E0203
segment d = profile.country == "DE" and "AT" != profile.country
segment e = profile.country == "Germany"
//                             ^^^^^^^^^ E0304
segment f = profile.score == 1
segment g = profile.tier == profile.mood
//                          ^^^^^^^^^^^^ E0201
segment h = profile.interests == profile.interests
//                            ^ E0202
segment i = profile.spent > 20
//                          ^^ E0201
segment j = profile.share > 0.5
//                          ^^^ E0201
segment k = profile.name in ["a", "b"] and profile.score in [1, 2.5]
segment l = profile.tier in [gold, platinum]
//                                 ^^^^^^^^ E0101
segment m = profile.score in 1..2.5 and profile.delay not in 1d..2d
segment n = profile.spent in 1..2
//                           ^^^^ E0201
segment o = profile.interests in ["a"]
//          ^^^^^^^^^^^^^^^^^ E0202
segment p = profile.interests contains "golf" and profile.codes contains 3
segment q = profile.codes contains "x"
//                                 ^^^ E0201
segment r = profile.name contains "x" and profile.name starts with "y" and profile.name matches "^a{2}$"
segment s = profile.name matches "(a"
//                               ^^^^ E0305
segment t = profile.interests overlaps profile.codes
//                                     ^^^^^^^^^^^^^ E0201
segment u = local.weekday in [saturday, sunday] and local.time in 22:00..06:00
segment v = local.weekday == caturday
//                           ^^^^^^^^ E0101
"#,
    );
}

#[test]
fn what_is_unknown() {
    with_vocabulary(
        r#"segment a = profile.age >= 18
//          ^^^^^^^^^^^ E0204
segment b = profile.age is known and profile.age >= 18
segment c = profile.age is unknown or profile.age >= 18
segment d = not (profile.age is unknown) and profile.age >= 18
segment e = if profile.age is known then profile.age > 3 else false
segment f = profile.age is known or profile.age > 3
//                                  ^^^^^^^^^^^ E0204
segment g = profile.vip is known
//          ^^^^^^^^^^^^^^^^^^^^ E0205
segment h = (profile.age otherwise 3) > 2 and not (profile.age is known and profile.age > 2)
segment i = (profile.score otherwise 3) > 2
//           ^^^^^^^^^^^^^^^^^^^^^^^^^ E0205
segment j = (last purchase.amount) is known and last purchase.amount > 5 EUR
segment k = (profile.age is known and profile.born is known) and years since profile.born > profile.age
let l = profile.age otherwise last view.category otherwise 0
let m = profile.age otherwise last view.category
//                            ^^^^^^^^^^^^^^^^^^ E0204
segment n = (profile.age is unknown or profile.born is unknown) or years since profile.born > profile.age
segment o = any (purchase where coupon == "x")
//                              ^^^^^^ E0204
segment p = any (purchase where coupon is known and coupon == "x")
segment q = profile.age is known and profile.age is known
//                                   ^^^^^^^^^^^^^^^^^^^^ E0205
"#,
    );
}

#[test]
fn questions_to_the_history() {
    with_vocabulary(
        r#"let a = sum of (purchase where category == "shoes").amount within 90d
let b = sum of purchase.category
//                      ^^^^^^^^ E0206
let c = average of purchase.count otherwise 0
let d = max of purchase.category
//                      ^^^^^^^^ E0206
let e = distinct purchase.category within this month
let f = sum of purchase.amonut
//                      ^^^^^^ E0104
segment g = any (purchase where count of view > 1)
//                              ^^^^^^^^ E0207
let views = count of view
segment h = any (purchase where views > 1)
//                              ^^^^^ E0207
segment i = any view within 0d
//                          ^^ E0307
segment j = any viev
//              ^^^^ E0101
segment k = any email
//              ^^^^^ E0105
segment l = any (opened where channel == email) and any (purchase where category == "x" and amount > 5 EUR)
let m = time since last purchase otherwise 3d
"#,
    );
}

#[test]
fn matches_and_tables() {
    with_vocabulary(
        r#"let a = match profile.tier { gold => 1.5, silver => 1, bronze => 2 }
let b = match profile.tier { gold => 1, silver => 2 }
//      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ E0401
let c = match profile.vip { true => 1, false => 2, else => 3 }
//                                                 ^^^^ E0403
let d = match profile.name { "a" => 1, _ => 2 }
let e = match profile.name { "a" => 1 }
//      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ E0401
let f = match profile.score { 0..1 => 1, else => "x" }
//                                               ^^^ E0201
let g = match local.weekday { saturday => 1, sunday => 2, else => 3 }
let h = match profile.age otherwise 0 { (-5..5) => 1, 5..10 => 2, else => 3 }
table t1(t: Tier, c: channel): number {
//    ^^ E0402
  gold, email => 2
  _,    push  => 1
  gold, _     => 3
}
table t2(x: int, y: bool): money EUR {
//    ^^ E0402
  0..17, true  => 1 EUR
  18..65, _    => 2 EUR
  _, false     => 3 EUR
  66..99, true => 4 EUR
}
table t3(at: time): int {
  08:00..20:00 => 1
  20:00..08:00 => 2
}
table t4(at: time): int {
//    ^^ E0402
  08:00..20:00 => 1
  21:00..08:00 => 2
}
table t5(t: Tier): int {
  gold => 1
  5 => 2
//^ E0404
  _ => "x"
//     ^^^ E0201
}
let used = t5(gold) + t2(3, "x")
//                          ^^^ E0201
let using = t5
//          ^^ E0108
"#,
    );
}

#[test]
fn names_and_definitions() {
    with_vocabulary(
        r#"let a = b
let b = c + 1
//      ^ E0107
let c = a
event min {}
//    ^^^ E0103
event sent {}
//    ^^^^ E0103
segment good = lapsed(30d)
let lapsed(limit: duration) = (time since last purchase otherwise 0s) > limit
segment bad = lapsed(profile.delay)
//                   ^^^^^^^^^^^^^ E0801
segment bad2 = lapsed(3)
//                    ^ E0201
segment bad3 = lapsed
//             ^^^^^^ E0108
segment x = event.y
//          ^^^^^^^ E0106
segment z = channel == email
//          ^^^^^^^ E0106
let gold = profile.tier == gold
let other = base.thing
//          ^^^^ E0110
let noon = local.noon
//               ^^^^ E0104
segment loose = local.hour == (profile.age otherwise 3)
//              ^^^^^^^^^^ E0801
segment fine = (time since last view is known and time since last view > 3d) or local.hour in 9..17
"#,
    );
}

#[test]
fn literals() {
    with_vocabulary(
        r#"let a = 99999999999999999999
//      ^^^^^^^^^^^^^^^^^^^^ E0301
let b = 2026-02-29
//      ^^^^^^^^^^ E0302
let c = 24:00
//      ^^^^^ E0302
let d = 5 EUX
//        ^^^ E0303
let e = 1.5 JPY
//      ^^^^^^^ E0303
let f = 19.99 EUR
let g = profile.age in 5..1
//      ^^^^^^^^^^^ E0204
//                     ^^^^ E0306
let h = 2026-11-27T10:00:00.1234567Z
//      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ E0012
let i = 2026-11-27T10:00:00+01:00
let j = bucket("x") < 10%
profile { zone: timezone = "Berlin"  mail: email = "x"  site: url = "https://a.example" }
//                         ^^^^^^^^ E0304
//                                                 ^^^ E0304
"#,
    );
}

#[test]
fn messages() {
    with_messages(
        r#"message a {
  class promotional
  purpose marketing, marketing
//                   ^^^^^^^^^ E0502
  on cart
  on enter regulars
  via email, push
  at hero
  when message.category == "x" and message.class == promotional
  value event.value
//      ^^^^^^^^^^^ E0508
  category = "cart"
  colour = "red"
//^^^^^^ E0104
  content email { subject "x" body "{profile.name otherwise "you"}" }
  content push { text "{profile.tier}" }
  content web { title "y" }
}
segment regulars = count of cart > 3
message b {
  class promotional
  purpose marketing
  on cart where value > 20 EUR
  on order
  via sms
  when profile.name is known
  unless profile.age is unknown
  lever if channel == sms then 1.5 else 1
  propensity 15%
  expires 2d
  active 2026-01-01..2026-02-01
  content sms { text "{event.note otherwise "-"} {event.value} {profile.name} {profile.age}" }
//                                                ^^^^^^^^^^^ E0508
}
message c {
  class promotional
  purpose marketing
  via sms
  unless profile.name is known
  when channel == sms
//     ^^^^^^^ E0106
  content sms { text "{event.note}{profile.name}" }
//                     ^^^^^^^^^^ E0508
//                                 ^^^^^^^^^^^^ E0204
}
message d {
  class promotional
  purpose marketing
  on cart
  via email
  via email
//^^^ E0502
  content email { subject "x" body "x" }
  content email for "de" { subject "x" body "x" }
//                  ^^^^ E0510
}
"#,
    );
}

#[test]
fn rules() {
    with_messages(
        r#"cap a at most 2 per month for promotional, lifecycle on email per channel
cap b at most 0 per 7d for any
//            ^ E0604
cap c at most 2 per 0d for promo
//                  ^^ E0307
//                         ^^^^^ E0101
suppress promotional when any (cart where note is known and note == message.category) within 14d
suppress any on sms when message.colour == "x"
//                               ^^^^^^ E0104
suppress any when channel in [email, push] and message.name in [x]
message x { class lifecycle purpose marketing via email content email { subject "a" body "b" } }
holdout h 5% of promotional, service
//                           ^^^^^^^ E0611
holdout i 120% of promotional
//        ^^^^ E0609
experiment e { arms a 50%, b 50% salt "h" }
//         ^ E0610
let which = if arm(e) == a then 1 else 2
let other = arm(e) == z
//                    ^ E0101
let asked = consent(marketing, email) and reachable(sms) and in_journey(j)
let model = predict(m)
//                  ^ E0101
journey j {
  class lifecycle
  on cart where value > 20 EUR
  on order
  key trigger.value
//    ^^^^^^^^^^^^^ E0508
  when profile.name is known
  stop when (time since last cart otherwise 1d) > 2d
  wait 30m restart on cart up to 4h
  send x via email, sms
//                  ^^^ E0504
  wait until 10:00 on mondey
//                    ^^^^^^ E0018
  if profile.age is known and profile.age > 3 {
    set profile.name = "x"
    set profile.age = "y"
//                    ^^^ E0201
  }
  split e { a { exit } b { wait 1d } }
  emit done { reason: "x" }
}
purpose care {
  opt_in on email when profile.tier == gold
  opt_out on email when profile.tier in [silver, bronze]
  never on sms when profile.name is known
  always on sms when profile.name is unknown
  opt_in on push when not (profile.tier == gold)
  opt_in on push when profile.tier == gold
}
message y {
  class lifecycle
  purpose care
  on cart
  via email, sms, push
  content email { subject "a" body "b" }
  content sms { text "a" }
  content push { text "a" }
}
invariant adults: promotional requires profile.age is known and profile.age >= 18
test "names" {
  profile { tier: gold, name: 5 }
//                            ^ E0201
  consent marketing on email confirmed
  at 2026-11-02 10:00
  event cart { cart: "k", value: 5 EUR }
  after 1h
  expect sent x via email
  expect blocked y because boredom
//                         ^^^^^^^ E0902
  expect journey j paused
//                 ^^^^^^ E0018
}
"#,
    );
}

/// What follows from a mistake is no mistake of its own.
#[test]
fn one_mistake_is_told_once() {
    fixture(
        r#"profile { email: emial?  token: text?  age: nit }
//               ^^^^^ E0109
//                                          ^^^ E0109
segment adult = profile.age > 3
let twice(x: itn) = x * 2
//           ^^^ E0109
let four = twice(2) + 1
channel email { to profile.email }
channel push { to device profile.token }
channel web { inbound }
placement hero { on wbe show 1 }
//                  ^^^ E0101
every message has { colour: strnig }
//                          ^^^^^^ E0109
class service
purpose servicing { opt_in on emial, push }
//                            ^^^^^ E0101
message a {
  class servcie
//      ^^^^^^^ E0101
  purpose servicing
  on cart where value > 3
  colour = "red"
  at hero
  via emali
//    ^^^^^ E0101
  when message.colour == "red" and adult
  content email { subject "x" body "x" }
  content web { text "x" }
}
event cart { value: itn }
//                  ^^^ E0109
message b {
  class service
  purpose servicing
  on kart
//   ^^^^ E0101
  via email
  content email { subject "x" body "x" }
}
"#,
    );
}
