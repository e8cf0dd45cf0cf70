//! The texts that stand for values: money, durations, dates (interfaces §2); those of a checked kind, such as
//! addresses, are of the same form as the literals of policies.
//!
//! Each function takes a whole text and gives its cell, or says in a phrase what is wrong where that isn't
//! obvious from what was expected.

mod amount;
mod moment;

pub(super) use amount::{duration, money, percent};
pub(super) use comity_compiler::forms::{Malformed, country, email, language, phone, url};
pub(super) use moment::{date, instant, time};

/// Takes digits from the front.
fn digits(bytes: &[u8]) -> (&[u8], &[u8]) {
    bytes.split_at(bytes.iter().take_while(|byte| byte.is_ascii_digit()).count())
}

/// Takes a `-` from the front.
fn sign(bytes: &[u8]) -> (bool, &[u8]) {
    match bytes {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, bytes),
    }
}

/// The number that the digits write; `None` beyond `u64`.
fn whole(digits: &[u8]) -> Option<u64> {
    if digits.len() < 20 {
        // 19 digits always fit.
        return Some(digits.iter().fold(0, |n, digit| n * 10 + u64::from(digit - b'0')));
    }
    digits.iter().try_fold(0_u64, |n, digit| n.checked_mul(10)?.checked_add((digit - b'0').into()))
}

/// 10 to this power; `None` beyond `u64`.
fn power_of_ten(exponent: usize) -> Option<u64> {
    const POWERS: [u64; 20] = {
        let mut powers = [1; 20];
        let mut at = 1;
        while at < powers.len() {
            powers[at] = powers[at - 1] * 10;
            at += 1;
        }
        powers
    };
    POWERS.get(exponent).copied()
}

/// With its sign; `None` beyond `i64`.
fn signed(negative: bool, magnitude: u64) -> Option<i64> {
    if negative { 0_i64.checked_sub_unsigned(magnitude) } else { i64::try_from(magnitude).ok() }
}
