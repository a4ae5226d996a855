"""Set expressions in a local store, compared with the sqlite3 shell's EXCEPT, and with the start-up of `get`.

    python -m tests.bench.expressions path/to/segments [RUNS]

Each run does everything once, with segments and the yardstick in turn (default 5 runs). Prints medians of the
ratios and of the milliseconds, and the largest memory of any run. Needs sqlite3.
"""

import os
import random
import sys
import tempfile
from pathlib import Path

from tests.bench.memberships import Bench, write
from tests.bench.timing import print_ratio

ACCOUNTS = 1_000_000  # of each segment beside the shell
LARGE, POPULATION = 5_000_000, 20_000_000  # of each segment beside `get`, and of the shop
SECOND = """
DELETE FROM imported;
.import {file} imported
INSERT OR IGNORE INTO member SELECT 2, account_id FROM imported ORDER BY account_id;
"""
EXCEPT = """
SELECT count(*) FROM (
  SELECT account_id FROM member WHERE segment_id = 1 EXCEPT
  SELECT account_id FROM member WHERE segment_id = 2
)
"""
COUNT = ("accounts", "count", "A minus B", "-o", "tsv")
SPLIT = ("accounts", "split", "A", "X=45%", "Y=45%", "Z=rest", "--create", "--yes")


def load(bench: Bench, store: str, files: dict[str, Path]) -> None:
    for code, file in files.items():
        bench.segments("load", "add", code, "-q", store=store)
        bench.segments("load", "accounts", "add", code, "--file", str(file), store=store)


def measure(bench: Bench, runs: int) -> None:
    chance = random.Random(1)
    few, many = {}, {}
    for code in "AB":
        ids = (chance.randrange(1, 2**31) for _ in range(ACCOUNTS))
        few[code] = write(bench.folder / f"few-{code}.txt", ids)
        ids = (number for number in range(1, POPULATION + 1) if chance.random() < LARGE / POPULATION)
        many[code] = write(bench.folder / f"many-{code}.txt", ids)
    load(bench, "few.db", few)
    load(bench, "many.db", many)
    bench.load_shell(few["A"], SECOND.format(file=few["B"]))
    for _ in range(runs):
        own = bench.segments("few", *COUNT, store="few.db", output="counted")
        bench.pairs["few"].append((own, bench.select("selected", EXCEPT)))
        counts = [(bench.folder / name).read_text().split()[-1] for name in ("counted", "selected")]
        if counts[0] != counts[1]:
            raise SystemExit(f"the shell counts {counts[1]}, segments {counts[0]}")
        get = bench.segments("get", "get", "A", store="many.db")
        bench.pairs["many"].append((bench.segments("many", *COUNT, store="many.db"), get))
        sample = ("accounts", "list", "A", "--sample", "1%", "-o", "tsv")
        bench.pairs["sample"].append((bench.segments("sample", *sample, store="many.db"), get))
        bench.pairs["split"].append((bench.segments("split", *SPLIT, store="few.db"), get))
    labels = {
        "few": f"A minus B, {ACCOUNTS:,} random ids each / sqlite3 EXCEPT",
        "many": f"A minus B, {LARGE:,} of {POPULATION:,} each / get",
        "sample": f"a sample of 1% of {LARGE:,} / get",
        "split": f"a split of {ACCOUNTS:,} into three / get",
    }
    for name, label in labels.items():
        print_ratio(bench.pairs[name], f"{bench.megabytes[name]} MB   {label}")


def main(segments: str, runs: int = 5) -> None:
    with tempfile.TemporaryDirectory() as folder:
        measure(Bench(os.path.abspath(segments), Path(folder)), runs)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
