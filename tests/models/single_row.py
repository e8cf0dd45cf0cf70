"""How long LightGBM's own call for single rows takes: 200 trees of 31 leaves over 20 features, one thread.

    /tmp/models/bin/python tests/models/single_row.py

`cargo xtask speed` prints what Comity takes for a model of this size. What Python takes for a call is subtracted.
"""

import ctypes
import glob
import os
import time

import lightgbm
import numpy

ROWS, FEATURES, DOUBLE, NORMAL = 2000, 20, 1, 0
random = numpy.random.default_rng(0)
x = random.normal(size=(20_000, FEATURES))
y = x[:, :5].sum(1) + numpy.sin(x[:, 5] * 3) + x[:, 6] * x[:, 7] + random.normal(size=len(x)) > 0
parameters = dict(objective="binary", num_leaves=31, verbose=-1, seed=1, num_threads=1)
text = lightgbm.train(parameters, lightgbm.Dataset(x, y), 200).model_to_string().encode()

library = glob.glob(os.path.dirname(lightgbm.__file__) + "/**/lib_lightgbm.so", recursive=True)[0]
lib = ctypes.CDLL(library)
booster, fast, trees = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_int()
assert lib.LGBM_BoosterLoadModelFromString(text, ctypes.byref(trees), ctypes.byref(booster)) == 0
options = b"num_threads=1"
init = lib.LGBM_BoosterPredictForMatSingleRowFastInit
assert init(booster, NORMAL, 0, -1, DOUBLE, FEATURES, options, ctypes.byref(fast)) == 0
answer, length = ctypes.c_double(), ctypes.c_int64()
rows = [x[at : at + 1].ctypes.data_as(ctypes.c_void_p) for at in range(ROWS)]


def nanoseconds(call):
    best = float("inf")
    for _ in range(9):
        start = time.thread_time_ns()
        for row in rows:
            call(fast, row, ctypes.byref(length), ctypes.byref(answer))
        best = min(best, (time.thread_time_ns() - start) / ROWS)
    return best


took = nanoseconds(lib.LGBM_BoosterPredictForMatSingleRowFast) - nanoseconds(lib.LGBM_GetLastError)
print(f"LightGBM {lightgbm.__version__}: {took:.0f} ns a row")
