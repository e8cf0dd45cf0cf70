#!/usr/bin/env python3
"""Makes this example's events and profiles from the whole log of The Complete Journey (see ORIGIN.md).

    python3 make_sample.py FOLDER              # the 300 households that are shipped
    python3 make_sample.py FOLDER --all -o OUT # all 2,469

FOLDER holds events.ndjson.gz and profiles.ndjson.gz of the whole log. The result depends on them alone: which
households are in, and what each agreed to, comes from the SHA-256 of its id.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from sample import read, share, write  # noqa: E402

HOUSEHOLDS = 300
BEFORE_THE_LOG = "2016-11-01T00:00:00Z"


def profile(household: str, demographics: dict) -> dict:
    """Demographics as published; addresses and consents are invented, on domains and numbers that reach nobody."""
    number = int(household[1:])
    attributes = {key: demographics[key] for key in ("age", "kids_count") if key in demographics}
    attributes["email"] = f"{household}@example.com"
    if share(household, "push") < 0.5:
        attributes["push_token"] = f"device-{number:04}"
    if share(household, "phone") < 0.4:
        # 555-0100 to 555-0199 are kept for fiction in every area code.
        attributes["phone"] = f"+1{201 + number // 100}55501{number % 100:02}"
    if share(household, "language") < 0.12:
        attributes["language"] = "es"

    consents = []

    def say(purpose: str, channel: str, withdrawn: bool = False) -> None:
        consent = {"purpose": purpose, "channel": channel, "source": "card application", "time": BEFORE_THE_LOG}
        if withdrawn:
            consent["withdrawn"] = True
        else:
            consent["id"] = f"{household}-{purpose}-{channel}"
        consents.append(consent)

    for channel, yes in (("email", 0.7), ("push", 0.8), ("sms", 0.5)):
        has_address = {"email": "email", "push": "push_token", "sms": "phone"}[channel] in attributes
        if has_address and share(household, f"offers on {channel}") < yes:
            say("offers", channel)
        if channel != "email" and has_address and share(household, f"coupons on {channel}") < yes:
            say("coupons", channel)
    if share(household, "alcohol on email") < 0.4:
        say("alcohol", "email")
    if share(household, "no coupons on email") < 0.1:
        say("coupons", "email", withdrawn=True)
    return {"subject": household, "attributes": attributes, "consents": consents}


def renamed(event: dict) -> dict:
    """`ends` is a reserved word of the language, so that the field is `last_day` here."""
    if "ends" in event["data"]:
        event["data"]["last_day"] = event["data"].pop("ends")
    return event


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where the whole log is")
    parser.add_argument("--all", action="store_true", help="every household")
    parser.add_argument("-o", "--out", type=Path, default=Path(__file__).parent, help="where to write")
    options = parser.parse_args()

    people = list(read(options.folder / "profiles.ndjson.gz"))
    people.sort(key=lambda one: share(one["subject"], "sample"))
    people = people if options.all else people[:HOUSEHOLDS]
    people.sort(key=lambda one: int(one["subject"][1:]))
    chosen = {one["subject"] for one in people}

    options.out.mkdir(parents=True, exist_ok=True)
    profiles = (profile(one["subject"], one["attributes"]) for one in people)
    events = (renamed(event) for event in read(options.folder / "events.ndjson.gz") if event["subject"] in chosen)
    print(write(options.out / "profiles.ndjson.gz", profiles), "profiles")
    print(write(options.out / "events.ndjson.gz", events), "events")


if __name__ == "__main__":
    main()
