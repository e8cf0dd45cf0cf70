//! The statistics of reports: intervals for shares, means and their differences, and a test of fit. Each function
//! names its source; none of them decides anything about a customer.
//!
//! All intervals are of 95% and two-sided. Several arms are each compared with one, without a correction for their
//! number.

use serde::Serialize;

/// The 97.5% point of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// An estimate and its 95% interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct Estimate {
    pub estimate: f64,
    pub low: f64,
    pub high: f64,
}

impl Estimate {
    /// Whether 0 lies outside the interval.
    pub fn is_clear(&self) -> bool {
        self.low > 0.0 || self.high < 0.0
    }
}

/// So many of so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Proportion {
    pub(super) hits: u64,
    pub(super) of: u64,
}

impl Proportion {
    fn share(self) -> f64 {
        self.hits as f64 / self.of as f64
    }

    /// The share with the score interval of Wilson, "Probable inference, the law of succession, and statistical
    /// inference", JASA 22 (1927). `None` of none.
    pub(super) fn wilson(self) -> Option<Estimate> {
        if self.of == 0 {
            return None;
        }
        let (p, n) = (self.share(), self.of as f64);
        let middle = 2.0 * n * p + Z * Z;
        let half = Z * (Z * Z + 4.0 * n * p * (1.0 - p)).sqrt();
        let whole = 2.0 * (n + Z * Z);
        let (low, high) = ((middle - half) / whole, (middle + half) / whole);
        // At the ends the root is exact on paper only.
        let low = if self.hits == 0 { 0.0 } else { low };
        let high = if self.hits == self.of { 1.0 } else { high };
        Some(Estimate { estimate: p, low, high })
    }

    /// By how much this share is above another: the hybrid score interval (method 10) of Newcombe, "Interval
    /// estimation for the difference between independent proportions", Statistics in Medicine 17 (1998).
    pub(super) fn above(self, other: Proportion) -> Option<Estimate> {
        let (one, two) = (self.wilson()?, other.wilson()?);
        let estimate = one.estimate - two.estimate;
        let down = (one.estimate - one.low).hypot(two.high - two.estimate);
        let up = (one.high - one.estimate).hypot(two.estimate - two.low);
        Some(Estimate { estimate, low: estimate - down, high: estimate + up })
    }

    /// By how much it is above another, as a part of the other (0.1: a tenth more): the log interval of Katz et al.,
    /// "Obtaining confidence intervals for the risk ratio in cohort studies", Biometrics 34 (1978). `None` where
    /// nobody was hit, or all were.
    pub(super) fn lift(self, other: Proportion) -> Option<Estimate> {
        if self.hits == 0 || other.hits == 0 || (self.hits == self.of && other.hits == other.of) {
            return None;
        }
        let inverse = |count: u64| 1.0 / count as f64;
        let spread = inverse(self.hits) - inverse(self.of) + inverse(other.hits) - inverse(other.of);
        Some(on_log_scale(self.share() / other.share(), spread.max(0.0).sqrt()))
    }
}

/// The interval of a ratio, less 1, from the standard error of its logarithm.
fn on_log_scale(ratio: f64, error: f64) -> Estimate {
    let (low, high) = (ratio * (-Z * error).exp(), ratio * (Z * error).exp());
    Estimate { estimate: ratio - 1.0, low: low - 1.0, high: high - 1.0 }
}

/// How many values there are, their mean and their variance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sample {
    pub(super) of: u64,
    pub(super) mean: f64,
    pub(super) variance: f64,
}

impl Sample {
    /// Of these values and as many zeros as make `of`; `None` of none.
    pub(super) fn with_zeros(values: &[f64], of: u64) -> Option<Sample> {
        if of == 0 {
            return None;
        }
        // The sum of no floats is -0, which would be shown.
        let mean = values.iter().fold(0.0, |sum, value| sum + value) / of as f64;
        let zeros = of.saturating_sub(values.len() as u64) as f64;
        let squares = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() + zeros * mean * mean;
        let variance = if of > 1 { squares / (of - 1) as f64 } else { 0.0 };
        Some(Sample { of, mean, variance })
    }

    /// The variance of the mean.
    fn error(self) -> f64 {
        self.variance / self.of as f64
    }

    /// The mean with its interval by Student's t.
    pub(super) fn mean(self) -> Option<Estimate> {
        if self.of < 2 {
            return None;
        }
        let half = t_quantile((self.of - 1) as f64) * self.error().sqrt();
        Some(Estimate { estimate: self.mean, low: self.mean - half, high: self.mean + half })
    }

    /// By how much the mean is above another, without assuming equal variances: Welch, "The generalization of
    /// 'Student's' problem when several different population variances are involved", Biometrika 34 (1947), with
    /// the degrees of freedom of Satterthwaite.
    pub(super) fn above(self, other: Sample) -> Option<Estimate> {
        if self.of < 2 || other.of < 2 {
            return None;
        }
        let (one, two) = (self.error(), other.error());
        let estimate = self.mean - other.mean;
        if one + two == 0.0 {
            return Some(Estimate { estimate, low: estimate, high: estimate });
        }
        let freedom =
            (one + two).powi(2) / (one * one / (self.of - 1) as f64 + two * two / (other.of - 1) as f64);
        let half = t_quantile(freedom) * (one + two).sqrt();
        Some(Estimate { estimate, low: estimate - half, high: estimate + half })
    }

    /// By how much it is above another, as a part of the other: the delta method on the logarithm of the ratio
    /// (Casella & Berger, Statistical Inference, 5.5.4). `None` where a mean isn't positive, or next to nothing.
    pub(super) fn lift(self, other: Sample) -> Option<Estimate> {
        if self.mean <= 0.0 || other.mean <= 0.0 || self.of < 2 || other.of < 2 {
            return None;
        }
        let relative = |sample: Sample| sample.error() / (sample.mean * sample.mean);
        let lift = on_log_scale(self.mean / other.mean, (relative(self) + relative(other)).sqrt());
        lift.high.is_finite().then_some(lift)
    }
}

/// So many should be in each cell: with fewer, chi-squared is no approximation any more (Cochran 1954).
pub(super) const ENOUGH: f64 = 5.0;

/// How probable a fit as bad as this is: Pearson's chi-squared of what was observed against what was expected. `None`
/// with fewer than two cells, where too few are expected, or where something came that can't have come.
pub(super) fn fit(cells: &[(u64, f64)]) -> Option<f64> {
    if cells.iter().any(|(observed, expected)| *expected <= 0.0 && *observed > 0) {
        return None;
    }
    let cells: Vec<_> = cells.iter().filter(|(_, expected)| *expected > 0.0).collect();
    if cells.len() < 2 || cells.iter().any(|(_, expected)| *expected < ENOUGH) {
        return None;
    }
    let statistic: f64 =
        cells.iter().map(|(observed, expected)| (*observed as f64 - expected).powi(2) / expected).sum();
    Some(chi_squared_tail(statistic, (cells.len() - 1) as f64))
}

/// The upper tail of the chi-squared distribution: the regularised incomplete gamma function Q(k/2, x/2), as a
/// series below its mean and as a continued fraction above it (DLMF 8.7.1, 8.9.2).
fn chi_squared_tail(x: f64, freedom: f64) -> f64 {
    let (a, x) = (freedom / 2.0, x / 2.0);
    if x <= 0.0 {
        return 1.0;
    }
    let front = (a * x.ln() - x - ln_gamma(a)).exp();
    if x < a + 1.0 {
        let (mut term, mut sum) = (1.0 / a, 1.0 / a);
        for step in 1..1_000 {
            term *= x / (a + f64::from(step));
            sum += term;
            if term < sum * f64::EPSILON {
                break;
            }
        }
        return (1.0 - front * sum).clamp(0.0, 1.0);
    }
    let fraction = lentz(x + 1.0 - a, |step| (-step * (step - a), x + 2.0 * step + 1.0 - a));
    (front / fraction).clamp(0.0, 1.0)
}

/// The 97.5% point of Student's t, by bisection of its distribution function.
fn t_quantile(freedom: f64) -> f64 {
    // Q(|t|) = I(ν / (ν + t²); ν/2, 1/2) / 2
    let tail = |t: f64| incomplete_beta(freedom / (freedom + t * t), freedom / 2.0, 0.5) / 2.0;
    let (mut low, mut high) = (Z, 2.0 * Z);
    while tail(high) > 0.025 && high < 1e9 {
        high *= 2.0;
    }
    for _ in 0..200 {
        let middle = low.midpoint(high);
        if tail(middle) > 0.025 { low = middle } else { high = middle }
    }
    low.midpoint(high)
}

/// The regularised incomplete beta function, as a continued fraction (DLMF 8.17.22).
fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return if x <= 0.0 { 0.0 } else { 1.0 };
    }
    // It converges fast on this side only.
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta(1.0 - x, b, a);
    }
    let front = (ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (-x).ln_1p()).exp() / a;
    let fraction = lentz(1.0, |step| {
        let m = (step / 2.0).floor();
        let coefficient = match step % 2.0 == 0.0 {
            true => m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m)),
            false => -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0)),
        };
        (coefficient, 1.0)
    });
    front / fraction
}

/// A continued fraction, b₀ + a₁/(b₁ + a₂/(b₂ + …)), by the algorithm of Lentz as Thompson and Barnett have it.
fn lentz(first: f64, terms: impl Fn(f64) -> (f64, f64)) -> f64 {
    const TINY: f64 = 1e-300;
    let not_zero = |x: f64| if x.abs() < TINY { TINY } else { x };
    let mut value = not_zero(first);
    let (mut c, mut d) = (value, 0.0);
    for step in 1..10_000 {
        let (a, b) = terms(f64::from(step));
        d = 1.0 / not_zero(b + a * d);
        c = not_zero(b + a / c);
        value *= c * d;
        if (c * d - 1.0).abs() < 1e-15 {
            break;
        }
    }
    value
}

/// The logarithm of the gamma function for positive numbers: Lanczos' approximation (g = 7, n = 9; Godfrey's
/// coefficients), good to 15 digits.
fn ln_gamma(x: f64) -> f64 {
    const COEFFICIENTS: [f64; 8] = [
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    let x = x - 1.0;
    let series = (1..).zip(COEFFICIENTS).map(|(at, coefficient)| coefficient / (x + f64::from(at)));
    let sum = 0.999_999_999_999_809_9 + series.sum::<f64>();
    let t = x + 7.5;
    0.5 * (2.0 * std::f64::consts::PI).ln() + (x + 0.5) * t.ln() - t + sum.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64, digits: i32) {
        assert!((found - expected).abs() < 0.51 * 10_f64.powi(-digits), "{found} isn't {expected}");
    }

    fn interval(found: Option<Estimate>, low: f64, high: f64, digits: i32) {
        let found = found.expect("an interval");
        close(found.low, low, digits);
        close(found.high, high, digits);
    }

    fn of(hits: u64, of: u64) -> Proportion {
        Proportion { hits, of }
    }

    /// Table I of Newcombe, "Two-sided confidence intervals for the single proportion", 1998, method 3.
    #[test]
    fn shares_as_newcombe_has_them() {
        interval(of(81, 263).wilson(), 0.2553, 0.3662, 4);
        interval(of(15, 148).wilson(), 0.0624, 0.1605, 4);
        interval(of(0, 20).wilson(), 0.0, 0.1611, 4);
        interval(of(1, 29).wilson(), 0.0061, 0.1718, 4);
        assert_eq!(of(0, 0).wilson(), None);
    }

    /// Table II of Newcombe 1998, method 10.
    #[test]
    fn differences_as_newcombe_has_them() {
        interval(of(56, 70).above(of(48, 80)), 0.0524, 0.3339, 4);
        interval(of(9, 10).above(of(3, 10)), 0.1705, 0.8090, 4);
        interval(of(6, 7).above(of(2, 7)), 0.0582, 0.8062, 4);
        interval(of(5, 56).above(of(0, 29)), -0.0381, 0.1926, 4);
        interval(of(0, 10).above(of(0, 20)), -0.1611, 0.2775, 4);
        interval(of(10, 10).above(of(0, 20)), 0.6791, 1.0, 4);
    }

    /// Aspirin and heart attacks, Agresti, Categorical Data Analysis, 3.1: 1.82 (1.43, 2.31).
    #[test]
    fn the_ratio_as_agresti_has_it() {
        let lift = of(189, 11_034).lift(of(104, 11_037));
        close(lift.unwrap().estimate, 0.82, 2);
        interval(lift, 0.43, 1.31 - 0.005, 2);
        assert_eq!(of(3, 10).lift(of(0, 10)), None);
        assert_eq!(of(3, 3).lift(of(4, 4)), None);
    }

    /// Student's sleep data, as `t.test` of R prints it.
    #[test]
    fn welch_as_r_has_it() {
        let one = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
        let two = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
        let sample = |values| Sample::with_zeros(values, 10).unwrap();
        let difference = sample(&one).above(sample(&two));
        close(difference.unwrap().estimate, -1.58, 6);
        interval(difference, -3.365_483_2, 0.205_483_2, 6);
        assert_eq!(Sample::with_zeros(&[2.0, 4.0], 4), Sample::with_zeros(&[0.0, 2.0, 0.0, 4.0], 4));
    }

    #[test]
    fn quantiles_and_tails_as_tables_have_them() {
        for (freedom, expected) in [
            (1.0, 12.706_204_736),
            (2.0, 4.302_652_730),
            (10.0, 2.228_138_852),
            (30.0, 2.042_272_456),
            (1e6, 1.959_966_4),
        ] {
            close(t_quantile(freedom), expected, 6);
        }
        for (x, freedom, expected) in [
            (3.841_458_821, 1.0, 0.05),
            (10.827_566_171, 1.0, 0.001),
            (5.991_464_547, 2.0, 0.05),
            (13.815_510_558, 2.0, 0.001),
            (18.307_038_053, 10.0, 0.05),
            (0.0, 3.0, 1.0),
        ] {
            close(chi_squared_tail(x, freedom), expected, 9);
        }
    }

    #[test]
    fn a_skewed_draw_is_improbable() {
        assert!(fit(&[(5_000, 5_000.0), (5_000, 5_000.0)]).is_some_and(|p| p > 0.999));
        assert!(fit(&[(5_200, 5_000.0), (4_800, 5_000.0)]).is_some_and(|p| p < 0.001));
        assert_eq!(fit(&[(10, 10.0)]), None);
        assert_eq!(fit(&[(10, 10.0), (1, 0.0)]), None);
        assert_eq!(fit(&[(6, 4.0), (2, 4.0)]), None);
    }
}
