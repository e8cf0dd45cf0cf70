//! Customers and what they do: drawn so that some values are usual and others rare, and that some go together.

use super::rng::Rng;
use super::slots::{Row, SLOTS, at};

/// The language that most speak in a country, by their positions; the countries begin anew after ten.
const SPOKEN: [f64; 10] = [0.0, 1.0, 0.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 3.0];

/// A customer with an event.
pub fn draw(rng: &mut Rng) -> Row {
    let mut row = [0.0; SLOTS.len()];
    let country = rng.zipf(SLOTS[at::COUNTRY].members(), 0.9);
    let tier = match rng.unit() {
        share if share < 0.5 => 0,
        share if share < 0.8 => 1,
        share if share < 0.95 => 2,
        _ => 3,
    };
    row[at::TIER] = tier as f64;
    row[at::COUNTRY] = country as f64;
    row[at::LANGUAGE] = if rng.chance(0.7) { SPOKEN[country % 10] } else { rng.zipf(10, 1.0) as f64 };
    row[at::AGE] = (18 + rng.below(63)) as f64;
    row[at::LIFETIME_VALUE] = rounded(rng.amount(220.0), 2);
    row[at::ORDERS_90D] = count(rng, 2.2, 20);
    row[at::DAYS_SINCE_ORDER] = count(rng, 60.0, 400);
    row[at::LAST_CATEGORY] = rng.zipf(20, 0.7) as f64;
    row[at::OPEN_TICKETS] = if rng.chance(0.86) { 0.0 } else { (1 + rng.below(3)) as f64 };
    for (slot, share) in [
        (at::EMAIL_OK, 0.75),
        (at::SMS_OK, 0.45),
        (at::PUSH_OK, 0.55),
        (at::ADS_OK, 0.6),
        (at::MARKETING_OK, 0.82),
        (at::PERSONAL_OK, 0.7),
        (at::HAS_APP, 0.55),
        (at::VIP, if tier >= 2 { 0.5 } else { 0.04 }),
        (at::NEWCOMER, 0.15),
        (at::ACTIVE_SHOPPER, 0.35),
    ] {
        row[slot] = f64::from(u8::from(rng.chance(share)));
    }
    row[at::CHURN] = rounded(rng.unit().powi(2), 4);
    row[at::CONVERSION] = rounded(rng.unit().powi(2), 4);
    row[at::SENDS_7D] = count(rng, 3.0, 15);
    row[at::EMAIL_SENDS_7D] = count(rng, 1.8, 10);
    row[at::SMS_SENDS_7D] = count(rng, 0.8, 5);
    row[at::UTC_OFFSET] = rng.below(24) as f64 - 11.0;
    row[at::ACTION] = rng.zipf(12, 0.6) as f64;
    row[at::CATEGORY] = rng.zipf(20, 0.7) as f64;
    row[at::VALUE] = rounded(rng.amount(80.0), 2);
    row[at::SOURCE] = rng.zipf(5, 0.5) as f64;
    row[at::LOCAL_HOUR] = rng.below(24) as f64;
    row
}

fn count(rng: &mut Rng, mean: f64, most: u32) -> f64 {
    rng.amount(mean).floor().min(f64::from(most))
}

/// With so many decimals.
pub(super) fn rounded(value: f64, decimals: i32) -> f64 {
    let unit = 10_f64.powi(decimals);
    (value * unit).round() / unit
}
