//! Chance that anybody can repeat: numbers that look random and follow from a seed (SplitMix64; Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators,
//! OOPSLA 2014). Good enough to begin searches and to draw samples; nothing is drawn by lot with it.

/// Numbers that follow from a seed.
#[derive(Clone, Debug)]
pub(crate) struct Chance(u64);

impl Chance {
    /// Begins at a seed.
    pub(crate) fn from_seed(seed: u64) -> Self {
        Self(seed)
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to 1, without 1: 53 bits of it.
    pub(crate) fn share(&mut self) -> f64 {
        const STEP: f64 = 1.0 / (1u64 << 53) as f64;
        (self.bits() >> 11) as f64 * STEP
    }

    /// One of so many places, from 0; `places` is not 0.
    pub(crate) fn place(&mut self, places: usize) -> usize {
        ((self.share() * places as f64) as usize).min(places - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_published_generator() {
        // The first two of SplitMix64 from the seed 1234567, as its authors' code gives them.
        let mut chance = Chance::from_seed(1_234_567);
        assert_eq!(chance.bits(), 6_457_827_717_110_365_317);
        assert_eq!(chance.bits(), 3_203_168_211_198_807_973);
    }
}
