//! Models answer as the libraries do that made them: `tests/models` holds models of all formats with rows and what
//! LightGBM, XGBoost and ONNX Runtime answer for them (`make.py` made them).

use comity_compiler::model::{Body, Format, Problem, Scorer, Scratch, read};
use comity_tests::fuzz;
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
    assert!(all.len() >= 25, "only {} models", all.len());
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

const CONVERSION: &str = include_str!("../models/conversion.txt");

/// Why a file can't be asked.
fn problem(format: Format, file: &[u8]) -> Problem {
    read(format, file).expect_err("something is wrong with it")
}

/// Cut short, a model is refused, or nothing was cut that it needs.
#[test]
fn what_is_cut_short_is_never_another_model() {
    const CUTS: usize = 300;
    let mut all = cases(Path::new(FOLDER));
    all.push((Path::new(FOLDER).join("conversion.txt"), Format::LightGbm));
    for (path, format) in all {
        let bytes = fs::read(&path).expect("a model");
        let whole = read(format, &bytes).expect("a model");
        // Small files at every place, others at some hundred.
        for end in (0..bytes.len()).step_by(1 + bytes.len() / CUTS / 3) {
            match read(format, &bytes[..end]) {
                Ok(model) => assert!(model == whole, "{} cut after {end} bytes", path.display()),
                Err(Problem::Broken(why)) => assert!(!why.is_empty()),
                Err(other) => panic!("{} cut after {end} bytes: {other:?}", path.display()),
            }
        }
    }
}

/// Bytes that are changed at random make a model that answers, or none: never a panic, never two answers.
#[test]
fn what_is_spoiled_does_no_harm() {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below.max(1) as u64) as usize
    };
    let words: [&[u8]; 10] =
        [b"-1", b"0", b"99999999999", b"1e999", b"nan", b"=", b"\n", b"[]", b"\xff\xff\xff\xff\x0f", b"\x00"];
    for (path, format) in cases(Path::new(FOLDER)) {
        let bytes = fs::read(&path).expect("a model");
        for _ in 0..60 {
            let mut spoiled = vec![format as u8];
            spoiled.extend(&bytes);
            for _ in 0..=random(3) {
                let at = 1 + random(spoiled.len() - 1);
                let end = (at + random(6)).min(spoiled.len());
                match random(3) {
                    0 => spoiled[at] ^= 1 << random(8),
                    1 => drop(spoiled.splice(at..end, words[random(words.len())].iter().copied())),
                    _ => drop(spoiled.drain(at..end)),
                }
            }
            fuzz::model(&spoiled);
        }
    }
}

#[test]
fn what_is_no_forest_is_said() {
    let says = |from: &str, to: &str| {
        let text = CONVERSION.replace(from, to);
        assert_ne!(text, CONVERSION);
        match problem(Format::LightGbm, text.as_bytes()) {
            Problem::Broken(why) => why,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(says("left_child=1 -1", "left_child=0 -1"), "the splits of a tree lead back to each other");
    assert_eq!(says("left_child=1 -1", "left_child=1 -2"), "two splits of a tree lead to one leaf");
    assert_eq!(says("left_child=1 -1", "left_child=1 -9"), "a split leads to a leaf that isn't there");
    assert_eq!(says("right_child=-2 -3", "right_child=7 -3"), "a split leads to a split that isn't there");
    assert_eq!(
        says("split_feature=0 1", "split_feature=0 5"),
        "a split looks at a feature that the model doesn't have"
    );
    assert_eq!(says("leaf_value=-0.5 -2.25 0.75", "leaf_value=-0.5 nan 0.75"), "a leaf's value isn't finite");
    assert_eq!(says("leaf_value=-0.5 -2.25 0.75", "leaf_value=-0.5 2"), "`leaf_value` has 2 of 3 numbers");
    assert_eq!(says("Tree=0", "Tree=1"), "its trees aren't in their order: `Tree=1`");
}

/// More than a decision has time for is refused before it is taken in.
#[test]
fn ten_million_leaves_are_too_many() {
    let large = |problem: Problem| matches!(problem, Problem::TooLarge(_));
    let text = CONVERSION.replace("num_leaves=3", "num_leaves=10000000");
    assert!(large(problem(Format::LightGbm, text.as_bytes())));
    let json = fs::read_to_string(Path::new(FOLDER).join("xgboost-sum.json")).expect("a model");
    let many = format!("\"left_children\":[{}-1]", "-1,".repeat(2_100_000));
    let start = json.find("\"left_children\":[").expect("nodes");
    let end = start + json[start..].find(']').expect("their end") + 1;
    let json = format!("{}{many}{}", &json[..start], &json[end..]);
    assert!(large(problem(Format::XgBoost, json.as_bytes())));
}

/// A small file can name categories once for thousands of splits.
#[test]
fn categories_of_very_many_splits_are_too_many() {
    const SPLITS: usize = 300;
    let each = |of: &dyn Fn(usize) -> String| (0..SPLITS).map(of).collect::<Vec<_>>().join(" ");
    let left = each(&|at| format!("-{}", at + 1));
    let right = each(&|at| match at + 1 {
        SPLITS => format!("-{}", SPLITS + 1),
        next => next.to_string(),
    });
    let lightgbm = |words: usize| {
        format!(
            "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nmax_feature_idx=0\nobjective=binary sigmoid:1\n\
             feature_names=tier\n\nTree=0\nnum_leaves={}\nnum_cat=1\nsplit_feature={}\nthreshold={}\ndecision_type={}\n\
             left_child={left}\nright_child={right}\nleaf_value=0.5 {}\ncat_boundaries=0 {words}\ncat_threshold={}\n\n\
             end of trees\n",
            SPLITS + 1,
            each(&|_| "0".to_owned()),
            each(&|_| "0".to_owned()),
            each(&|_| "1".to_owned()),
            each(&|at| format!("0.{at}")),
            "4294967295 ".repeat(words),
        )
    };
    let large = |problem: Problem| match problem {
        Problem::TooLarge(why) => assert_eq!(why, "its splits ask for more than 4000000 categories"),
        other => panic!("{other:?}"),
    };
    assert!(read(Format::LightGbm, lightgbm(10).as_bytes()).is_ok());
    large(problem(Format::LightGbm, lightgbm(1_000).as_bytes()));

    let json = fs::read_to_string(Path::new(FOLDER).join("xgboost-categories.json")).expect("a model");
    let xgboost = |categories: usize| {
        let mut model: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        let tree = &mut model["learner"]["gradient_booster"]["model"]["trees"][0];
        let nodes = 2 * SPLITS + 1;
        let by_node = |of: &dyn Fn(usize) -> i64| (0..nodes).map(of).collect::<Vec<_>>();
        let child = |at: usize, which: usize| if at < SPLITS { (2 * at + which) as i64 } else { -1 };
        tree["left_children"] = by_node(&|at| child(at, 1)).into();
        tree["right_children"] = by_node(&|at| child(at, 2)).into();
        tree["split_type"] = by_node(&|at| i64::from(at < SPLITS)).into();
        for key in ["split_indices", "split_conditions", "default_left"] {
            tree[key] = by_node(&|_| 0).into();
        }
        tree["categories"] = (0..categories).collect::<Vec<_>>().into();
        tree["categories_nodes"] = (0..SPLITS).collect::<Vec<_>>().into();
        tree["categories_segments"] = vec![0; SPLITS].into();
        tree["categories_sizes"] = vec![categories; SPLITS].into();
        model["learner"]["gradient_booster"]["model"]["trees"] = vec![tree.take()].into();
        model.to_string()
    };
    assert!(read(Format::XgBoost, xgboost(10).as_bytes()).is_ok());
    large(problem(Format::XgBoost, xgboost(20_000).as_bytes()));
}

/// What is longer than any model is isn't kept while it is read.
#[test]
fn lists_that_are_too_long_are_refused() {
    let json = fs::read_to_string(Path::new(FOLDER).join("xgboost-missing.json")).expect("a model");
    let start = json.find("\"feature_names\":[").expect("names") + 17;
    let end = start + json[start..].find(']').expect("their end");
    let names = format!("{}\"\"{}", &json[..start], &json[end..]).replacen(
        "\"\"]",
        &format!("{}\"\"]", "\"\",".repeat(150_000)),
        1,
    );
    assert!(matches!(problem(Format::XgBoost, names.as_bytes()), Problem::TooLarge(_)));
    let names = CONVERSION.replace("feature_names=", &format!("feature_names={}", "a ".repeat(150_000)));
    let Problem::Broken(why) = problem(Format::LightGbm, names.as_bytes()) else { panic!("it is broken") };
    assert!(why.ends_with(" features and 150002 names"), "{why}");
}

#[test]
fn models_of_other_kinds_are_told() {
    let says = |format, file: &[u8]| match problem(format, file) {
        Problem::Unsupported(why, help) => {
            assert!(!help.is_empty());
            why
        }
        other => panic!("{other:?}"),
    };
    let json = fs::read_to_string(Path::new(FOLDER).join("xgboost-missing.json")).expect("a model");
    let json = |from: &str, to: &str| {
        assert!(json.contains(from), "{from}");
        says(Format::XgBoost, json.replace(from, to).as_bytes())
    };
    assert_eq!(
        json("\"binary:logistic\"", "\"rank:ndcg\""),
        "its objective is `rank:ndcg`, whose answer is no share"
    );
    assert_eq!(json("\"gbtree\"", "\"forest\""), "it is boosted by `forest`");
    assert_eq!(
        json("\"num_class\":\"0\"", "\"num_class\":\"3\""),
        "it answers with several numbers, one for each class"
    );
    assert_eq!(json("\"version\":[", "\"version\":[9,"), "it is of XGBoost 9");
    assert_eq!(says(Format::XgBoost, b"binf"), "it is in XGBoost's binary format");
    assert_eq!(says(Format::XgBoost, b"{L\x00"), "it is in XGBoost's binary format");
    let onnx = fs::read(Path::new(FOLDER).join("onnx-linear.onnx")).expect("a model");
    let mut other = onnx.clone();
    for at in 0..onnx.len() - 15 {
        if onnx[at..].starts_with(b"LinearRegressor") {
            other[at..at + 15].copy_from_slice(b"LinearXegressor");
        }
    }
    assert_eq!(says(Format::Onnx, &other), "it has the operator `LinearXegressor`");
}

/// The model is in the plan, and in the policy's version; whoever changes a leaf changes the policy.
#[test]
fn a_model_is_part_of_the_policy() {
    let policy = |rest: &str| {
        format!(
            "profile {{ email: email? age: int? }} event ping {{}} event purchase {{ order: text }}
channel email {{ to profile.email }} class only purpose servicing {{ always on email }}
model conversion from \"models/conversion.txt\" {{
  format lightgbm feature recency = profile.age feature orders = count of purchase within 90d
}}
message offer {{ class only purpose servicing on ping {rest} via email content email {{ subject \"a\" body \"b\" }} }}"
        )
    };
    let version = |policy: &str, model: &str| {
        let mut project = comity_compiler::source::Project::single(comity_compiler::source::SourceFile::new(
            "p.comity", policy,
        ));
        project.read_models(&mut |_| Ok(model.into()));
        comity_tests::plan_of(&project)
    };
    let asks = policy("when predict(conversion) > 50%");
    let plan = version(&asks, CONVERSION);
    let outline = plan.outline();
    let line = outline.lines().find(|line| line.contains("conversion = ")).expect("the model is shown");
    assert!(line.contains("1 tree @") && line.ends_with("of [profile.age, w0], logistic"), "{line}");
    let bytes = serde_json::to_vec(plan.as_ref()).expect("a plan can be written");
    assert!(comity_compiler::plan::Plan::decode(&bytes).expect("and read") == *plan);
    let changed = version(&asks, &CONVERSION.replace("0.75", "0.76"));
    assert_ne!(plan.hash(), changed.hash());
    // Another gain, another comment: the trees are the same.
    let same = version(&asks, &CONVERSION.replace("split_gain=10 5", "split_gain=11 5"));
    assert_eq!(plan.hash(), same.hash());
    // Where nothing asks it, neither the model nor what it looks at is kept.
    let idle = version(&policy(""), CONVERSION);
    assert!(idle.models.is_empty() && idle.windows.is_empty());
}
