//! Numbers that look random and are the same everywhere.

/// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// The numbers of one seed; each `stream` has its own.
    pub fn new(seed: u64, stream: u64) -> Rng {
        let mut rng = Rng(seed);
        let seed = rng.bits() ^ stream.wrapping_mul(0xd6e8_feb8_6659_fd93);
        Rng(seed)
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// In [0, 1).
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// In 0..end.
    pub fn below(&mut self, end: usize) -> usize {
        (self.bits() % end as u64) as usize
    }

    /// Whether something of this probability happens.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// One of these.
    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    /// In 0..end, where `r` is as likely as 1 / (r + 1)^exponent says: the first are the usual ones.
    pub fn zipf(&mut self, end: usize, exponent: f64) -> usize {
        let weight = |rank: usize| ((rank + 1) as f64).powf(-exponent);
        let mut left = self.unit() * (0..end).map(weight).sum::<f64>();
        (0..end)
            .find(|rank| {
                left -= weight(*rank);
                left <= 0.0
            })
            .unwrap_or(end - 1)
    }

    /// Exponentially distributed around a mean: many small amounts, few large ones.
    pub fn amount(&mut self, mean: f64) -> f64 {
        -self.unit().max(1e-12).ln() * mean
    }
}
