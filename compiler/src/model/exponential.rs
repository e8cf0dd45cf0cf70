//! The exponential function, the same to the bit everywhere: mathematical libraries of systems differ in the last
//! bit, and a decision may not.

/// ln 2 in two parts, the first with zeros at its end, so that its multiples are exact.
const LN2_HIGH: f64 = 6.931_471_803_691_238e-1;
const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// e to the power of `x`, less than one unit in the last place away; 0 and +∞ where that is out of range.
///
/// After `e_exp.c` of fdlibm (Sun Microsystems, 1993): `x = k ln 2 + r`, and a rational approximation of e^r.
pub fn exp(x: f64) -> f64 {
    const COEFFICIENTS: [f64; 5] = [
        1.666_666_666_666_660_2e-1,
        -2.777_777_777_701_559_3e-3,
        6.613_756_321_437_934e-5,
        -1.653_390_220_546_525_2e-6,
        4.138_136_797_057_238_5e-8,
    ];
    if x.is_nan() {
        return x;
    }
    if x > 709.782_712_893_384 {
        return f64::INFINITY;
    }
    if x < -745.133_219_101_941_1 {
        return 0.0;
    }
    let k = (x * std::f64::consts::LOG2_E).round_ties_even();
    let high = x - k * LN2_HIGH;
    let low = k * LN2_LOW;
    let r = high - low;
    let t = r * r;
    let even = COEFFICIENTS.iter().rev().fold(0.0, |sum, coefficient| sum * t + coefficient) * t;
    let c = r - even;
    let power = 1.0 - ((low - (r * c) / (2.0 - c)) - high);
    scale(power, k as i32)
}

/// The natural logarithm of a number above 0, to the last bits of a double: the `y` at which e^y is `x`, by Halley's
/// steps from the exponent.
pub(super) fn ln(x: f64) -> f64 {
    if x == f64::INFINITY {
        return x;
    }
    let exponent = (x.to_bits() >> 52) as i32 - 1023;
    let mut y = f64::from(exponent) * std::f64::consts::LN_2;
    for _ in 0..6 {
        let power = exp(y);
        y += 2.0 * (x - power) / (x + power);
    }
    y
}

/// `x * 2^k` for an `x` near 1, rounded once.
fn scale(x: f64, k: i32) -> f64 {
    let power = |k: i32| f64::from_bits(((1023 + i64::from(k)) as u64) << 52);
    match k {
        // 2^1024 is no double, its half is.
        1024.. => x * power(k - 1) * 2.0,
        -1021..=1023 => x * power(k),
        _ => x * power(k + 200) * power(-200),
    }
}

#[cfg(test)]
mod tests {
    use super::{exp, ln};

    #[test]
    fn it_is_exact_where_that_is_known() {
        assert_eq!(exp(0.0), 1.0);
        assert_eq!(exp(-0.0), 1.0);
        assert_eq!(exp(f64::INFINITY), f64::INFINITY);
        assert_eq!(exp(f64::NEG_INFINITY), 0.0);
        assert_eq!(exp(1e308), f64::INFINITY);
        assert_eq!(exp(-1e308), 0.0);
        assert!(exp(709.78).is_finite() && exp(-745.0) > 0.0);
        assert!(exp(f64::NAN).is_nan());
    }

    #[test]
    fn a_logarithm_is_its_opposite() {
        for x in [1e-300, 1e-9, 0.1, 0.5, 1.0, 1.5, 2.0, std::f64::consts::E, 1e9, 1e300] {
            let (mine, theirs) = (ln(x), f64::ln(x));
            assert!((mine - theirs).abs() <= 1e-15 * theirs.abs().max(1.0), "{x}: {mine} and {theirs}");
        }
        assert_eq!(ln(f64::INFINITY), f64::INFINITY);
    }

    #[test]
    fn it_is_within_a_unit_of_the_systems() {
        let mut x = -745.0;
        while x < 709.0 {
            let (mine, theirs) = (exp(x), f64::exp(x));
            let apart = mine.to_bits().abs_diff(theirs.to_bits());
            assert!(apart <= 1, "{x}: {mine} and {theirs}");
            x += 0.013_7;
        }
    }
}
