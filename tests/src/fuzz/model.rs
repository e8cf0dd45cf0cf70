//! Files of models: whatever the bytes, there is a model that answers, or a reason why there is none.

use comity_compiler::model::{Ensemble, Format, Scorer, Scratch, read};

/// The first byte says the format, the rest is the file.
///
/// # Panics
/// Where what is read isn't sound, or the ways to ask it differ.
pub fn model(data: &[u8]) {
    let Some((kind, bytes)) = data.split_first() else { return };
    let format = Format::ALL[usize::from(*kind) % Format::ALL.len()];
    let Ok(model) = read(format, bytes) else { return };
    let ensemble = model.ensemble.as_ref();
    assert_eq!(ensemble.validate(), Ok(()));
    let json = serde_json::to_vec(ensemble).expect("it can be written");
    let again: Ensemble = serde_json::from_slice(&json).expect("it can be read");
    assert!(again == *ensemble, "it is read as it was written");
    let scorers = [Scorer::new(ensemble), Scorer::walking(ensemble)];
    let mut scratch = Scratch::default();
    let width = (ensemble.features as usize).min(1000);
    for value in [f64::NAN, 0.0, -0.0, 1.0, 2.5, -1e-36, 40.0, -7.0, 1e300, f64::INFINITY, f64::NEG_INFINITY]
    {
        let row: Vec<f64> = (0..width).map(|at| value * (at % 3 + 1) as f64).collect();
        let [fast, walked] = scorers.each_ref().map(|scorer| scorer.predict(&row, &mut scratch));
        assert!(!fast.is_nan() && fast.to_bits() == walked.to_bits(), "{fast} and {walked} for {value}");
    }
}
