//! Instants as text.

use crate::zone::civil::Civil;

const DAY: i64 = 86_400_000_000;

/// Appends an instant (µs since 1970-01-01T00:00:00Z) as RFC 3339 in UTC; a fraction of a second, where there is
/// one, has six digits.
pub fn write_instant(out: &mut Vec<u8>, micros: i64) {
    let date = Civil::of(micros.div_euclid(DAY));
    let time = micros.rem_euclid(DAY);
    let (seconds, fraction) = (time / 1_000_000, time % 1_000_000);
    digits(out, date.year.unsigned_abs(), 4);
    out.push(b'-');
    digits(out, u64::from(date.month), 2);
    out.push(b'-');
    digits(out, u64::from(date.day), 2);
    for (mark, part) in [(b'T', seconds / 3600), (b':', seconds / 60 % 60), (b':', seconds % 60)] {
        out.push(mark);
        digits(out, part.unsigned_abs(), 2);
    }
    if fraction > 0 {
        out.push(b'.');
        digits(out, fraction.unsigned_abs(), 6);
    }
    out.push(b'Z');
}

fn digits(out: &mut Vec<u8>, value: u64, count: u32) {
    for place in (0..count).rev() {
        out.push(b'0' + (value / 10_u64.pow(place) % 10) as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(micros: i64) -> String {
        let mut out = Vec::new();
        write_instant(&mut out, micros);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn reads_back_as_the_same_instant() {
        assert_eq!(text(0), "1970-01-01T00:00:00Z");
        assert_eq!(text(-1), "1969-12-31T23:59:59.999999Z");
        for micros in
            [1_793_613_600_000_000, 951_782_400_000_001, -62_135_596_800_000_000, 253_402_207_199_999_999]
        {
            let back: jiff::Timestamp = text(micros).parse().unwrap();
            assert_eq!(back.as_microsecond(), micros, "{}", text(micros));
        }
    }
}
