"""How long DuckDB takes for what `comity audience` does: of each message, how many customers it is for.

    comity-bench --write-audience FOLDER --messages 1000 --pairs 1000000
    pip install duckdb
    python3 peers/duckdb.py FOLDER [--threads 1] [--rounds 5]

The conditions of all messages become one query with a `count(*) FILTER (WHERE …)` for each, over `profiles.parquet`,
which is made from `profiles.ndjson` where it isn't there yet. The counts must be those that the folder's
`predicates.json` says. Prints one JSON object.
"""

import argparse
import json
import pathlib
import resource
import statistics

import duckdb


def cpu_seconds():
    """CPU time of this process, all threads."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def make_parquet(connection, folder):
    """The customers as columns, the attributes beside the id."""
    source, target = folder / "profiles.ndjson", folder / "profiles.parquet"
    if not target.exists():
        connection.execute(
            f"COPY (SELECT subject, attributes.* FROM read_json('{source}', format = 'newline_delimited')) "
            f"TO '{target}' (FORMAT parquet)"
        )
    return target


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()

    known = json.loads((arguments.folder / "predicates.json").read_text())
    connection = duckdb.connect()
    connection.execute(f"SET threads = {arguments.threads}")
    parquet = make_parquet(connection, arguments.folder)
    counts = ", ".join(f"count(*) FILTER (WHERE {predicate})" for predicate in known["predicates"])
    query = f"SELECT {counts} FROM '{parquet}'"

    seconds = []
    for _ in range(arguments.rounds + 1):
        start = cpu_seconds()
        found = list(connection.execute(query).fetchone())
        seconds.append(cpu_seconds() - start)
        if found != known["counts"]:
            wrong = next(i for i, (one, other) in enumerate(zip(found, known["counts"])) if one != other)
            raise SystemExit(f"message {wrong}: {found[wrong]} customers, {known['counts'][wrong]} is right")
    # The first round reads the file from the disk.
    median = statistics.median(seconds[1:])
    messages = len(known["predicates"])
    print(
        json.dumps(
            {
                "engine": f"DuckDB {duckdb.__version__}",
                "threads": arguments.threads,
                "rows": known["rows"],
                "messages": messages,
                "cpu_seconds": median,
                "verdicts_per_cpu_second": known["rows"] * messages / median,
            }
        )
    )


if __name__ == "__main__":
    main()
