"""How long DuckDB takes for what `comity audience` does, beside it, in turns.

    comity-bench --write-audience FOLDER --messages 1000 --pairs 1000000
    pip install duckdb
    python3 peers/duckdb.py FOLDER [--comity ../../target/release/comity] [--rounds 5]

The conditions of all messages are one query over `profiles.parquet`, which is made from `profiles.ndjson` where it isn't
there yet: to count, a `count(*) FILTER (WHERE …)` for each message; for the lists, a list of the names of those whose
condition holds. Counts must be those that the folder's `predicates.json` says, and the lists the same, customer by
customer. Prints one JSON object: CPU and wall seconds, medians of the rounds.
"""

import argparse
import json
import os
import pathlib
import resource
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
        predicates = known["predicates"]
        # The first customers, in a file of their own.
        self.some = folder / "some.parquet"
        self.connection.execute(f"COPY (FROM '{self.parquet}' LIMIT {rows}) TO '{self.some}' (FORMAT parquet)")
        counts = ", ".join(f"count(*) FILTER (WHERE {predicate})" for predicate in predicates)
        self.count = f"SELECT {counts} FROM '{self.some}'"
        name = "CASE WHEN {} THEN 'm{:05}' END"
        names = [name.format(predicate, index) for index, predicate in enumerate(predicates)]
        self.names = f"list_filter([{', '.join(names)}], lambda x: x IS NOT NULL)"

    def threads(self, count):
        self.connection.execute(f"SET threads = {count}")

    def counts(self):
        return list(self.connection.execute(self.count).fetchone())

    def lists(self, file, rows=None):
        """Writes for each customer the names of the messages."""
        limit = f"LIMIT {rows}" if rows else ""
        self.connection.execute(
            f"COPY (SELECT * FROM (SELECT subject, {self.names} AS messages FROM (FROM '{self.parquet}' {limit})) "
            f"WHERE len(messages) > 0) TO '{file}' (FORMAT parquet)"
        )


def audience(command, folder, *arguments, profiles="profiles.parquet"):
    call = [command, "audience", folder / "policy", "--profiles", folder / profiles, "--quiet", *arguments]
    done = subprocess.run([str(part) for part in call], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout


def compare(duck, command, folder, sample):
    """The lists of the first customers must be the same."""
    duck.connection.execute(f"COPY (FROM '{duck.parquet}' LIMIT {sample}) TO '{folder / 'sample.parquet'}' (FORMAT parquet)")
    subprocess.run(
        [str(part) for part in [
            command, "audience", folder / "policy", "--profiles", folder / "sample.parquet",
            "--out", folder / "found.parquet", "--quiet",
        ]],
        check=True,
    )
    duck.lists(folder / "found_by_duckdb.parquet", sample)
    both = [
        duck.connection.execute(
            f"SELECT count(*), sum(hash(subject, list_sort(messages)::VARCHAR[])) FROM '{folder / file}'"
        ).fetchone()
        for file in ("found.parquet", "found_by_duckdb.parquet")
    ]
    if both[0] != both[1] or both[0][0] == 0:
        raise SystemExit(f"the lists differ: {both}")


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

    compare(duck, command, folder, min(arguments.sample, known["rows"]))

    def counted(*more, profiles="profiles.parquet"):
        """Counts, from reading the policy on."""
        out = audience(command, folder, "--count", "--format", "json", *more, profiles=profiles)
        found = json.loads(out)["messages"]
        return [found[name]["customers"] for name in messages]

    def by_comity(*more):
        check("Comity", counted(*more), known["counts"])

    of_some = counted(profiles=duck.some.name)

    def of_some_by_comity(*more):
        check("Comity", counted(*more, profiles=duck.some.name), of_some)

    def by_duck(threads):
        duck.threads(threads)
        check("DuckDB", duck.counts(), of_some)

    cores = len(os.sched_getaffinity(0))
    this, children = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
    work = {"comity_count_1": (children, lambda: by_comity("--threads", 1)),
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
    # The first round reads the file from the disk.
    for turn in range(arguments.rounds + 1):
        for name, (who, one) in work.items():
            cpu, wall, _ = timed(one, who)
            if turn > 0:
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
