"""Trains `models/likely.txt` on the sample in `examples/online-retail`: who buys within the next 30 days?

    pip install lightgbm numpy
    python examples/propensity/train.py

For the first day of each month it looks at every customer who has bought before, through the eyes of the policy: the
features are those of `policy.comity`, over the same windows. A feature that is unknown there is `nan` here.
"""

import gzip
import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import lightgbm
import numpy

HERE = Path(__file__).parent
NAMES = ["recency", "orders", "spent", "basket", "returns"]

events = {}
for line in gzip.open(HERE.parent / "online-retail" / "events.ndjson.gz", "rt"):
    event = json.loads(line)
    time = datetime.fromisoformat(event["time"])
    amount = float(event["data"]["amount"].split()[0])
    events.setdefault(event["subject"], []).append((time, event["type"], amount))


def features(history, now):
    def within(days, kind):
        return [amount for time, type, amount in history if type == kind and now - timedelta(days) < time <= now]

    last = max(time for time, type, _ in history if type == "purchase" and time <= now)
    year = within(365, "purchase")
    return [
        (now - last) / timedelta(days=1),
        len(within(90, "purchase")),
        sum(within(180, "purchase")),
        sum(year) / len(year) if year else numpy.nan,
        len(within(90, "returned")),
    ]


rows, bought = [], []
for month in range(3, 12):
    now = datetime(2011, month, 1, tzinfo=timezone.utc)
    for subject in sorted(events):
        history = events[subject]
        if not any(type == "purchase" and time <= now for time, type, _ in history):
            continue
        rows.append(features(history, now))
        soon = now + timedelta(days=30)
        bought.append(any(type == "purchase" and now < time <= soon for time, type, _ in history))

parameters = dict(
    objective="binary", num_leaves=7, learning_rate=0.1, min_data_in_leaf=25, seed=1, deterministic=True, num_threads=1, verbose=-1
)
data = lightgbm.Dataset(numpy.array(rows), numpy.array(bought), feature_name=NAMES)
lightgbm.train(parameters, data, 25).save_model(HERE / "models" / "likely.txt")
print(f"{len(rows)} rows, {sum(bought)} of whom bought")
