#!/usr/bin/env python3
"""Makes this example's events and profiles from the data of the experiment (see ORIGIN.md).

    python3 make_sample.py FOLDER

FOLDER holds exposures.ndjson.gz and events.ndjson.gz: who was in which arm, and who visited and bought.

Comity draws a customer's arm from their id. So that each lands in the arm in which they really were, their ids are
looked for: `k00017-0`, `k00017-1`, … up to the first that falls into it. It takes three on average.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from sample import read, write  # noqa: E402

EXPERIMENT = "spring_email"
SHARES = {"mens": 0.3333, "womens": 0.3334, "none": 0.3333}
MAILED = "2008-03-20T09:00:00Z"

MASK = 2**64 - 1
# The first bytes of the default secret of XXH3, as four little-endian words.
SECRET = [
    int.from_bytes(bytes.fromhex(word), "little")
    for word in ("b8fe6c3923a44bbe", "7c01812cf721ad1c", "ded46de9839097db", "7240a4a4b7b3671f")
]


def xxh3_64(data: bytes) -> int:
    """XXH3-64 of 17 to 32 bytes, with seed 0 (the reference implementation's XXH3_len_17to128_64b)."""
    assert 17 <= len(data) <= 32

    def mix(at: int, secret: int) -> int:
        low = int.from_bytes(data[at : at + 8], "little") ^ SECRET[secret]
        high = int.from_bytes(data[at + 8 : at + 16], "little") ^ SECRET[secret + 1]
        product = low * high
        return (product & MASK) ^ (product >> 64)

    hashed = (len(data) * 0x9E3779B185EBCA87 + mix(0, 0) + mix(len(data) - 16, 2)) & MASK
    hashed ^= hashed >> 37
    hashed = hashed * 0x165667919E3779F9 & MASK
    return hashed ^ (hashed >> 32)


def bucket(salt: str, subject: str) -> float:
    """A number in [0, 1), as the language reference has it."""
    return (xxh3_64(salt.encode() + b"\0" + subject.encode()) >> 11) / 2**53


def arm(subject: str) -> str:
    end, place = 0.0, bucket(EXPERIMENT, subject)
    for name, share in SHARES.items():
        end += share
        if place < end:
            return name
    return name


def subject_in(wanted: str, customer: str) -> str:
    number = 0
    while arm(f"{customer}-{number}") != wanted:
        number += 1
    return f"{customer}-{number}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where the data is")
    parser.add_argument("-o", "--out", type=Path, default=Path(__file__).parent, help="where to write")
    options = parser.parse_args()

    subjects = {one["subject"]: subject_in(one["arm"], one["subject"]) for one in read(options.folder / "exposures.ndjson.gz")}

    def profiles():
        for customer, subject in subjects.items():
            yield {"subject": subject, "attributes": {"email": f"{customer}@example.com"}}

    def events():
        for customer, subject in subjects.items():
            yield {"id": f"m{customer[1:]}", "type": "mailing", "subject": subject, "time": MAILED}
        for event in read(options.folder / "events.ndjson.gz"):
            yield event | {"subject": subjects[event["subject"]]}

    options.out.mkdir(parents=True, exist_ok=True)
    print(write(options.out / "profiles.ndjson.gz", profiles()), "profiles")
    print(write(options.out / "events.ndjson.gz", events()), "events")


if __name__ == "__main__":
    main()
