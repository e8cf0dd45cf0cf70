//! Models answer as the libraries do that made them: `tests/models` holds models of all formats with rows and what
//! LightGBM, XGBoost and ONNX Runtime answer for them (`make.py` made them).

use comity_compiler::model::{Body, Format, Scorer, Scratch, read};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/models");

/// The models of a folder that have rows, with their formats.
fn cases(folder: &Path) -> Vec<(PathBuf, Format)> {
    let mut found: Vec<(PathBuf, Format)> = fs::read_dir(folder)
        .expect("the folder of the models")
        .map(|entry| entry.expect("a file").path())
        .filter(|path| path.with_extension("rows.ndjson").exists())
        .filter_map(|path| {
            let format = match path.extension()?.to_str()? {
                "txt" => Format::LightGbm,
                "json" => Format::XgBoost,
                "onnx" => Format::Onnx,
                _ => return None,
            };
            Some((path, format))
        })
        .collect();
    found.sort();
    found
}

/// How far answers may be from the library's. XGBoost and trees in ONNX are calculated in single precision there and
/// here, to the same bits. In which order ONNX Runtime adds the products of a linear model isn't said.
fn tolerance(path: &Path) -> f64 {
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    match name.as_ref() {
        "onnx-linear" | "onnx-logistic" => 1e-6,
        _ => 1e-9,
    }
}

/// Compares all models of a folder with what their libraries answer.
fn compare(folder: &Path) {
    let mut wrong = Vec::new();
    for (path, format) in cases(folder) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let bytes = fs::read(&path).expect("a model");
        let model = read(format, &bytes).unwrap_or_else(|problem| panic!("{name}: {problem:?}"));
        let scorers = [Scorer::new(&model.ensemble), Scorer::walking(&model.ensemble)];
        let mut scratch = Scratch::default();
        let rows = fs::read_to_string(path.with_extension("rows.ndjson")).expect("its rows");
        let tolerance = tolerance(&path);
        let linear = matches!(model.ensemble.body, Body::Linear { .. });
        for (number, line) in (1..).zip(rows.lines()) {
            let (row, want): (Vec<Option<f64>>, f64) = serde_json::from_str(line).expect("a row");
            let row: Vec<f64> = row.iter().map(|value| value.unwrap_or(f64::NAN)).collect();
            if linear && row.iter().any(|value| value.is_nan()) {
                // A policy can't ask that.
                continue;
            }
            let [fast, walked] = scorers.each_ref().map(|scorer| scorer.predict(&row, &mut scratch));
            assert_eq!(fast.to_bits(), walked.to_bits(), "{name}:{number}: {fast} and {walked}");
            let apart = (fast - want).abs();
            if apart > tolerance * want.abs().max(1.0) {
                wrong.push(format!("{name}:{number}: {fast}, the library says {}", want));
            }
        }
    }
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn answers_are_those_of_the_libraries() {
    let all = cases(Path::new(FOLDER));
    assert!(all.len() >= 23, "only {} models", all.len());
    for format in Format::ALL {
        assert!(all.iter().any(|(_, of)| *of == format), "no {}", format.title());
    }
    compare(Path::new(FOLDER));
}

/// Made again by the libraries at hand, where there are any: `COMITY_MODELS_PYTHON` names a Python that has them.
#[test]
fn fixtures_can_be_made_again() {
    let python = std::env::var("COMITY_MODELS_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let has = Command::new(&python)
        .args(["-c", "import lightgbm, xgboost, sklearn, skl2onnx, onnxmltools, onnxruntime"])
        .output();
    if !has.is_ok_and(|output| output.status.success()) {
        eprintln!(
            "SKIPPED: `{python}` lacks the libraries of models; COMITY_MODELS_PYTHON can name one that has them"
        );
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let made = Command::new(&python).arg(format!("{FOLDER}/make.py")).arg(folder.path()).output();
    let made = made.expect("Python");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    assert_eq!(cases(folder.path()).len(), cases(Path::new(FOLDER)).len());
    compare(folder.path());
}
