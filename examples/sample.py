"""What the scripts share that make the events and profiles of examples from published logs."""

import gzip
import hashlib
import json
from pathlib import Path


def share(subject: str, salt: str) -> float:
    """A number in [0, 1) that belongs to this customer and this salt."""
    digest = hashlib.sha256(f"{salt}\0{subject}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64


def read(path: Path):
    """The records of a compressed NDJSON file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def write(path: Path, records) -> int:
    """Writes records as compressed NDJSON and says how many they were."""
    count = 0
    # No name and no time in the header: the same records give the same file.
    with open(path, "wb") as file, gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as out:
        for record in records:
            out.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
            count += 1
    return count
