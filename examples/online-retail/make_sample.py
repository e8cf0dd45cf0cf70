#!/usr/bin/env python3
"""Makes this example's events and profiles from the whole log of Online Retail (see ORIGIN.md).

    python3 make_sample.py FOLDER              # the 200 customers that are shipped
    python3 make_sample.py FOLDER --all -o OUT # all 4,372
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from sample import read, share, write  # noqa: E402

CUSTOMERS = 200
BEFORE_THE_LOG = "2010-11-01T00:00:00Z"


def profile(customer: str, attributes: dict) -> dict:
    """The country as published; the address and the consent are invented."""
    consents = []
    if share(customer, "news") < 0.5:
        confirmed = share(customer, "confirmed") < 0.8
        consents.append(
            {"purpose": "news", "channel": "email", "source": "order form", "time": BEFORE_THE_LOG,
             "id": f"{customer}-news", "confirmed": confirmed}
        )
    return {"subject": customer, "attributes": attributes | {"email": f"{customer}@example.com"}, "consents": consents}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where the whole log is")
    parser.add_argument("--all", action="store_true", help="every customer")
    parser.add_argument("-o", "--out", type=Path, default=Path(__file__).parent, help="where to write")
    options = parser.parse_args()

    people = list(read(options.folder / "profiles.ndjson.gz"))
    people.sort(key=lambda one: share(one["subject"], "sample"))
    people = people if options.all else people[:CUSTOMERS]
    people.sort(key=lambda one: one["subject"])
    chosen = {one["subject"] for one in people}

    options.out.mkdir(parents=True, exist_ok=True)
    profiles = (profile(one["subject"], one["attributes"]) for one in people)
    events = (event for event in read(options.folder / "events.ndjson.gz") if event["subject"] in chosen)
    print(write(options.out / "profiles.ndjson.gz", profiles), "profiles")
    print(write(options.out / "events.ndjson.gz", events), "events")


if __name__ == "__main__":
    main()
