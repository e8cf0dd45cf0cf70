"""How long DuckDB takes for what `comity audience` does, beside it, in turns.

    comity-bench --write-audience FOLDER --messages 1000 --pairs 1000000
    pip install duckdb
    python3 peers/duckdb.py FOLDER [--comity ../../target/release/comity] [--rounds 5]

The conditions are asked for over `profiles.parquet`, which is made from `profiles.ndjson` where it isn't there yet, by a
`count(*) FILTER (WHERE …)` for each message, a hundred of them to a query: that is three times as fast as all of them in
one. Counts must be those that the folder's `predicates.json` says; of the first customers each message must be for the
same ones. Prints one JSON object: CPU and wall seconds, medians of the rounds.
"""

import argparse
import json
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import time

# This file is named like the library.
sys.path = [path for path in sys.path if pathlib.Path(path or ".").resolve() != pathlib.Path(__file__).resolve().parent]

import duckdb  # noqa: E402


def cpu_seconds(who):
    """CPU time of this process, or of those that it has waited for, all threads."""
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def timed(work, who):
    """CPU and wall seconds, and the result."""
    cpu, wall = cpu_seconds(who), time.perf_counter()
    result = work()
    return cpu_seconds(who) - cpu, time.perf_counter() - wall, result


# So many conditions are in one query.
TOGETHER = 100


class Duck:
    """The same predicates in SQL."""

    def __init__(self, folder, known, rows):
        self.folder = folder
        self.parquet = folder / "profiles.parquet"
        self.connection = duckdb.connect()
        self.connection.execute("SET preserve_insertion_order = true")
        if not self.parquet.exists():
            source = folder / "profiles.ndjson"
            # Whole numbers of which some are negative are taken for doubles.
            self.connection.execute(
                f"COPY (SELECT subject, attributes.* REPLACE (attributes.utc_offset::BIGINT AS utc_offset) FROM read_json('{source}', format = 'newline_delimited')) "
                f"TO '{self.parquet}' (FORMAT parquet)"
            )
        self.predicates = known["predicates"]
        # The first customers, in a file of their own.
        self.some = folder / "some.parquet"
        self.first(rows, self.some)

    def first(self, rows, file):
        self.connection.execute(f"COPY (FROM '{self.parquet}' LIMIT {rows}) TO '{file}' (FORMAT parquet)")

    def threads(self, count):
        self.connection.execute(f"SET threads = {count}")

    def of_each(self, aggregate, file):
        """An aggregate of the customers of each message."""
        found = []
        for start in range(0, len(self.predicates), TOGETHER):
            some = self.predicates[start : start + TOGETHER]
            aggregates = ", ".join(f"{aggregate} FILTER (WHERE {predicate})" for predicate in some)
            found.extend(self.connection.execute(f"SELECT {aggregates} FROM '{file}'").fetchone())
        return found

    def counts(self):
        return self.of_each("count(*)", self.some)


def with_consents(duck, folder):
    """The same messages, now for those who have consented, and the same customers, each of whom has, by a receipt."""
    policy = shutil.copytree(folder / "policy", folder / "policy-consents", dirs_exist_ok=True)
    vocabulary = policy / "vocabulary.comity"
    vocabulary.write_text(vocabulary.read_text().replace("always on push", "opt_in on push"))
    file = folder / "consents.parquet"
    receipt = """'[{"purpose":"offers","channel":"push","id":"r-' || subject || '"}]'"""
    duck.connection.execute(
        f"COPY (SELECT *, {receipt} AS consents FROM '{duck.parquet}') TO '{file}' (FORMAT parquet)"
    )
    return policy.name, file.name


def audience(command, folder, *arguments, profiles="profiles.parquet", policy="policy"):
    call = [command, "audience", folder / policy, "--profiles", folder / profiles, "--quiet", *arguments]
    done = subprocess.run([str(part) for part in call], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout


def compare(duck, command, folder, sample, messages):
    """Of the first customers each message must be for the same ones."""
    duck.first(sample, folder / "sample.parquet")
    audience(command, folder, "--out", folder / "found.parquet", profiles="sample.parquet")
    rows = duck.connection.execute(
        "SELECT message, count(*), sum(hash(subject)) "
        f"FROM (SELECT subject, unnest(messages)::VARCHAR AS message FROM '{folder / 'found.parquet'}') GROUP BY message"
    ).fetchall()
    by_comity = {message: (count, customers) for message, count, customers in rows}
    sample = folder / "sample.parquet"
    by_duck = zip(messages, duck.of_each("count(*)", sample), duck.of_each("sum(hash(subject))", sample))
    by_duck = {message: (count, customers) for message, count, customers in by_duck if count}
    if by_comity != by_duck or not by_duck:
        wrong = [message for message in messages if by_comity.get(message) != by_duck.get(message)]
        raise SystemExit(f"the lists differ, first in {wrong[:1]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--comity", type=pathlib.Path, default=pathlib.Path("../../target/release/comity"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sample", type=int, default=2000, help="so many lists are compared")
    parser.add_argument("--some", type=int, default=100000, help="DuckDB is asked about so many customers")
    arguments = parser.parse_args()
    folder, command = arguments.folder, arguments.comity.resolve()

    known = json.loads((folder / "predicates.json").read_text())
    some = min(arguments.some, known["rows"])
    duck = Duck(folder, known, some)
    messages = [f"m{index:05}" for index in range(len(known["predicates"]))]

    def check(what, found, right):
        if found != right:
            wrong = next(i for i, (one, other) in enumerate(zip(found, right)) if one != other)
            raise SystemExit(f"{what}, message {wrong}: {found[wrong]} customers, {right[wrong]} is right")

    # This reads the files from the disk, too.
    compare(duck, command, folder, min(arguments.sample, known["rows"]), messages)

    def counted(*more, **files):
        """Counts, from reading the policy on."""
        out = audience(command, folder, "--count", "--format", "json", *more, **files)
        found = json.loads(out)["messages"]
        return [found[name]["customers"] for name in messages]

    def by_comity(*more, **files):
        check("Comity", counted(*more, **files), known["counts"])

    policy, consents = with_consents(duck, folder)

    of_some = counted(profiles=duck.some.name)

    def of_some_by_comity(*more):
        check("Comity", counted(*more, profiles=duck.some.name), of_some)

    def by_duck(threads):
        duck.threads(threads)
        check("DuckDB", duck.counts(), of_some)

    cores = len(os.sched_getaffinity(0))
    this, children = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
    work = {"comity_count_1": (children, lambda: by_comity("--threads", 1)),
            "comity_consents_1": (
                children,
                lambda: by_comity("--threads", 1, policy=policy, profiles=consents),
            ),
            "comity_lines_1": (children, lambda: audience(command, folder, "--threads", 1, "--out", folder / "found.ndjson")),
            "comity_parquet_1": (children, lambda: audience(command, folder, "--threads", 1, "--out", folder / "found.parquet")),
            "comity_count_all": (children, by_comity),
            "comity_lines_all": (children, lambda: audience(command, folder, "--out", folder / "found.ndjson")),
            "comity_parquet_all": (children, lambda: audience(command, folder, "--out", folder / "found.parquet")),
            "comity_some_1": (children, lambda: of_some_by_comity("--threads", 1)),
            "comity_some_all": (children, of_some_by_comity),
            "duckdb_count_1": (this, lambda: by_duck(1)),
            "duckdb_count_all": (this, lambda: by_duck(cores))}
    seconds = {name: [] for name in work}
    for _ in range(arguments.rounds):
        for name, (who, one) in work.items():
            cpu, wall, _ = timed(one, who)
            seconds[name].append((cpu, wall))
    medians = {
        name: {"cpu": statistics.median(cpu for cpu, _ in all), "wall": statistics.median(wall for _, wall in all)}
        for name, all in seconds.items()
    }
    ratio = lambda one, other, at: statistics.median(a[at] / b[at] for a, b in zip(seconds[one], seconds[other]))
    print(
        json.dumps(
            {
                "duckdb": duckdb.__version__,
                "cores": cores,
                "rows": known["rows"],
                "some": some,
                "messages": len(messages),
                "rounds": arguments.rounds,
                "pairs": sum(known["counts"]),
                "bytes": os.path.getsize(duck.parquet),
                "seconds": medians,
                "ratio_1": ratio("duckdb_count_1", "comity_some_1", 0),
                "ratio_all": ratio("duckdb_count_all", "comity_some_all", 1),
            }
        )
    )


if __name__ == "__main__":
    main()
