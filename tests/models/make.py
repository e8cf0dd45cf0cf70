"""Makes the models that `tests/tests/models.rs` reads, with rows and what the libraries themselves answer for them.

    python3 -m venv /tmp/models && /tmp/models/bin/pip install lightgbm xgboost scikit-learn skl2onnx onnxmltools onnxruntime
    /tmp/models/bin/python tests/models/make.py [FOLDER]

Each case is a model file and `NAME.rows.ndjson`: rows, in which null is missing, each with the answer. All of it follows from the seed.
"""

import json
import math
import sys
import warnings
from pathlib import Path

import lightgbm as lgb
import numpy as np
import onnxruntime as ort
import xgboost as xgb
from onnxmltools import convert_lightgbm, convert_xgboost
from onnxmltools.convert.common.data_types import FloatTensorType
from skl2onnx import to_onnx
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

warnings.filterwarnings("ignore")
FOLDER = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
NAMES = ["recency", "orders", "basket", "share", "tier", "vip"]
TIER = 4
ROWS = 600
SHOWN = 40


def data(seed, missing=True):
    """Customers: what is known of them, and whether they bought."""
    rng = np.random.default_rng(seed)
    x = np.empty((ROWS, len(NAMES)))
    x[:, 0] = rng.exponential(60, ROWS)
    x[:, 1] = rng.poisson(2, ROWS)
    x[:, 2] = np.round(rng.lognormal(3, 1, ROWS), 2)
    x[:, 3] = rng.normal(0, 1, ROWS)
    x[:, TIER] = rng.integers(0, 9, ROWS)
    x[:, 5] = rng.random(ROWS) < 0.3
    pull = 0.8 - x[:, 0] / 40 + x[:, 1] * 0.5 + np.isin(x[:, TIER], [1, 4, 7]) + x[:, 3] * 0.6
    y = (pull + rng.logistic(0, 1, ROWS) > 0).astype(int)
    if missing:
        x[rng.random(x.shape) < 0.1] = np.nan
    return x, y


def odd(x, categorical):
    """Rows at the edges: zeros of all kinds, large, small and missing values."""
    edges = [np.nan, 0.0, -0.0, 1e-36, -1e-36, 1e-30, -1e-30, 1e30, -1e30, 0.5, 1.0, -1.0]
    rows = []
    for at in range(x.shape[1]):
        for edge in edges:
            if at == TIER and categorical == "valid" and not (edge >= 0 and edge == int(edge) and edge < 1e6):
                continue
            row = x[at].copy()
            row[at] = edge
            rows.append(row)
    rows.append(np.full(x.shape[1], np.nan))
    return np.vstack([x[:SHOWN], np.array(rows)])


def write(name, rows, want):
    def number(value):
        return None if math.isnan(value) else float(value)

    rows = [[number(value) for value in row] for row in rows.tolist()]
    want = [float(value) for value in np.asarray(want).ravel().tolist()]
    lines = [json.dumps([row, answer]) for row, answer in zip(rows, want, strict=True)]
    (FOLDER / f"{name}.rows.ndjson").write_text("\n".join(lines) + "\n")


def lightgbm(name, parameters, rounds, seed, categorical=False, missing=True, label=lambda x, y: y):
    x, y = data(seed, missing)
    base = dict(verbose=-1, num_threads=1, deterministic=True, seed=seed, min_data_in_leaf=8)
    columns = [TIER] if categorical else []
    train = lgb.Dataset(x, label(x, y), feature_name=NAMES, categorical_feature=columns)
    booster = lgb.train(base | parameters, train, rounds)
    booster.save_model(FOLDER / f"{name}.txt")
    rows = odd(x, "any")
    write(name, rows, booster.predict(rows))


def xgboost(name, parameters, rounds, seed, categorical=False, missing=True, label=lambda x, y: y):
    x, y = data(seed, missing)
    kinds = ["c" if categorical and at == TIER else "q" for at in range(len(NAMES))]

    def matrix(rows, labels=None):
        return xgb.DMatrix(rows, labels, feature_names=NAMES, feature_types=kinds, enable_categorical=True)

    booster = xgb.train(dict(nthread=1, seed=seed) | parameters, matrix(x, label(x, y)), rounds)
    booster.save_model(FOLDER / f"{name}.json")
    rows = odd(x, "valid" if categorical else "any")
    write(name, rows, booster.predict(matrix(rows)))


def answers(file, rows):
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    session = ort.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    answers = []
    for row in rows.astype(np.float32):
        answer = session.run(None, {session.get_inputs()[0].name: row.reshape(1, -1)})[-1]
        if isinstance(answer, list):
            answers.append(answer[0][1])
        else:
            answers.append(np.asarray(answer).ravel()[-1])
    return answers


def onnx(name, model, seed, missing=False, zipmap=False, regress=False):
    x, y = data(seed, missing)
    x = x.astype(np.float32)
    target = y * 0.5 + x[:, 3] * 0.01 if regress else y
    model.fit(x, target)
    last = model.steps[-1][1] if hasattr(model, "steps") else model
    options = None if regress else {id(last): {"zipmap": zipmap}}
    file = to_onnx(model, x[:1], options=options).SerializeToString()
    save_onnx(name, file, x, missing)


def save_onnx(name, file, x, missing):
    (FOLDER / f"{name}.onnx").write_bytes(file)
    rows = odd(x.astype(float), "any")
    if not missing:
        rows = rows[~np.isnan(rows).any(axis=1)]
    write(name, rows.astype(np.float32).astype(float), answers(file, rows))


def converted(name, model, convert, seed):
    x, y = data(seed)
    x = x.astype(np.float32)
    model.fit(x, y)
    file = convert(model, initial_types=[("x", FloatTensorType([None, len(NAMES)]))]).SerializeToString()
    save_onnx(name, file, x, True)


def spend(x, y):
    return np.nan_to_num(x[:, 2]) * (0.2 + y)


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    lightgbm("lightgbm-missing", dict(objective="binary", num_leaves=12), 12, 1)
    lightgbm("lightgbm-zero", dict(objective="binary", num_leaves=12, zero_as_missing=True), 8, 2)
    lightgbm("lightgbm-none", dict(objective="binary", num_leaves=12, sigmoid=0.7), 8, 3, missing=False)
    lightgbm("lightgbm-categories", dict(objective="binary", num_leaves=12, min_data_per_group=5, cat_smooth=1), 8, 4, True)
    lightgbm("lightgbm-forest", dict(objective="binary", boosting="rf", bagging_freq=1, bagging_fraction=0.6, num_leaves=10), 8, 5)
    lightgbm("lightgbm-root", dict(objective="regression", reg_sqrt=True, num_leaves=8), 6, 6, label=spend)
    lightgbm("lightgbm-poisson", dict(objective="poisson", num_leaves=8), 6, 7, label=spend)
    lightgbm("lightgbm-sum", dict(objective="regression", num_leaves=40, min_data_in_leaf=2), 6, 8, label=spend)
    lightgbm("lightgbm-large", dict(objective="cross_entropy", num_leaves=120, min_data_in_leaf=1, min_sum_hessian_in_leaf=0), 2, 9)
    xgboost("xgboost-missing", dict(objective="binary:logistic", max_depth=4), 10, 11)
    xgboost("xgboost-categories", dict(objective="binary:logistic", max_depth=4, max_cat_to_onehot=1), 8, 12, True)
    xgboost("xgboost-onehot", dict(objective="binary:logistic", max_depth=4, max_cat_to_onehot=64), 6, 13, True)
    xgboost("xgboost-sum", dict(objective="reg:squarederror", max_depth=3), 8, 14, label=spend)
    xgboost("xgboost-poisson", dict(objective="count:poisson", max_depth=3), 6, 15, label=spend)
    xgboost("xgboost-linear", dict(objective="binary:logistic", booster="gblinear", updater="coord_descent"), 20, 16, missing=False)
    xgboost("xgboost-dart", dict(objective="binary:logistic", booster="dart", rate_drop=0.4, max_depth=4), 12, 17)
    lightgbm("lightgbm-dart", dict(objective="binary", boosting="dart", drop_rate=0.4, num_leaves=10), 12, 18)
    onnx("onnx-tree", DecisionTreeClassifier(max_depth=5, random_state=1), 21)
    onnx("onnx-forest", RandomForestClassifier(12, max_depth=4, random_state=1), 22, zipmap=True)
    onnx("onnx-boosted", GradientBoostingClassifier(n_estimators=10, max_depth=3, random_state=1), 23)
    onnx("onnx-sum", GradientBoostingRegressor(n_estimators=10, max_depth=3, random_state=1), 24, regress=True)
    onnx("onnx-logistic", make_pipeline(StandardScaler(), LogisticRegression()), 25, zipmap=True)
    onnx("onnx-linear", LinearRegression(), 26, regress=True)
    converted("onnx-lightgbm", lgb.LGBMClassifier(n_estimators=8, num_leaves=12, verbose=-1, n_jobs=1), convert_lightgbm, 27)
    converted("onnx-xgboost", xgb.XGBClassifier(n_estimators=8, max_depth=4, n_jobs=1), convert_xgboost, 28)


if __name__ == "__main__":
    main()
