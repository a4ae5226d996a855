#!/usr/bin/env bash
# Five million random ids from a text file into an empty segment, beside the sqlite3 shell's import
# of the same file into a table with the same two indexes. Usage: tests/bench/bulk.sh SEGMENTS [RUNS]
set -euo pipefail
segments=$1
runs=${2:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work
python3 - "$work/ids.txt" <<'PYTHON'
import random
import sys

chosen = random.Random(1)
with open(sys.argv[1], "w") as file:
    for _ in range(5_000_000):
        file.write(f"{chosen.randrange(1, 2**31)}\n")
PYTHON

ours() {
    rm -f "$work"/ours.db*
    "$segments" add BIG -q --backend "sqlite:$work/ours.db" >/dev/null
    "$segments" accounts add BIG --file "$work/ids.txt" --backend "sqlite:$work/ours.db" >/dev/null
}

shell() {
    rm -f "$work"/shell.db*
    sqlite3 "$work/shell.db" >/dev/null <<SQL
PRAGMA journal_mode = wal;
PRAGMA synchronous = normal;
CREATE TABLE member (segment_id INTEGER, account_id INTEGER, PRIMARY KEY (segment_id, account_id)) WITHOUT ROWID;
CREATE INDEX member_by_account ON member (account_id, segment_id);
CREATE TEMP TABLE given (account_id INTEGER);
.import $work/ids.txt given
INSERT OR IGNORE INTO member SELECT 1, account_id FROM given ORDER BY account_id;
SQL
}

for _ in $(seq "$runs"); do
    begun=$(date +%s%N); ours; between=$(date +%s%N); shell; ended=$(date +%s%N)
    echo "$(((between - begun) / 1000000)) ms beside $(((ended - between) / 1000000)) ms"
done | sort -n | awk '{ print; ratio[NR] = $1 / $4 } END { for (i in ratio) r[i] = ratio[i];
    for (i = 1; i <= NR; i++) for (j = i + 1; j <= NR; j++) if (r[j] < r[i]) { t = r[i]; r[i] = r[j]; r[j] = t }
    printf "median ratio %.2f\n", r[int((NR + 1) / 2)] }'
