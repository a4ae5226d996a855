#!/usr/bin/env bash
# Five million accounts through a local store, beside the sqlite3 shell doing the same with a table of
# the same columns and indexes. Usage: tests/bench/bulk.sh SEGMENTS [RUNS]
# Each run does everything once, ours and the shell's in turn; told are the medians over the runs of the
# ratios and milliseconds, and the largest memory of any run. Needs sqlite3, python3 and GNU time.
set -euo pipefail
segments=$1
runs=${2:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work XDG_CONFIG_HOME=$work XDG_DATA_HOME=$work XDG_STATE_HOME=$work XDG_CACHE_HOME=$work

ids() { # COUNT: random ones, some of them more than once
    python3 -c "
import random
chosen = random.Random(1)
for _ in range($1):
    print(chosen.randrange(1, 2**31))"
}

measured() { # NAME COMMAND...: its milliseconds and kilobytes go to files of that name
    local name=$1 begun
    shift
    begun=$(date +%s%N)
    command time --append --output="$work/$name.kb" --format=%M "$@"
    echo $((($(date +%s%N) - begun) / 1000000)) >>"$work/$name.ms"
}

empty_segment() {
    rm -f "$work"/ours.db*
    "$segments" add BIG -q --backend "sqlite:$work/ours.db" >"$work/out"
}

ours() { # NAME FILE
    measured "$1" "$segments" accounts add BIG --file "$2" --backend "sqlite:$work/ours.db" >"$work/out"
}

shell() { # NAME FILE
    rm -f "$work"/shell.db*
    measured "$1" sqlite3 "$work/shell.db" >"$work/out" <<SQL
PRAGMA journal_mode = wal;
PRAGMA synchronous = normal;
CREATE TABLE member (segment_id INTEGER, account_id INTEGER, PRIMARY KEY (segment_id, account_id)) WITHOUT ROWID;
CREATE INDEX member_by_account ON member (account_id, segment_id);
CREATE TEMP TABLE given (account_id INTEGER);
.import $2 given
INSERT OR IGNORE INTO member SELECT 1, account_id FROM given ORDER BY account_id;
SQL
}

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

tell() { # OURS THEIRS LIMIT WHAT
    printf '%5.2f x  (at most %s)  %6d ms beside %6d ms, %3d MB   %s\n' \
        "$(paste "$work/$1.ms" "$work/$2.ms" | awk '{ print $1 / $2 }' | median)" "$3" \
        "$(median <"$work/$1.ms")" "$(median <"$work/$2.ms")" "$(megabytes "$1")" "$4"
}

megabytes() { sort -n "$work/$1.kb" | awk 'END { print int($1 / 1024) }'; }

ids 5000000 >"$work/random.txt"
sort -n "$work/random.txt" >"$work/sorted.txt"
for _ in $(seq "$runs"); do
    empty_segment
    ours sorted "$work/sorted.txt"
    shell shell_sorted "$work/sorted.txt"
    empty_segment
    ours random "$work/random.txt"
    shell shell_random "$work/random.txt"
    ours again "$work/random.txt"
    measured list "$segments" accounts list BIG -o tsv --backend "sqlite:$work/ours.db" >"$work/ours.txt"
    measured select sqlite3 "$work/shell.db" \
        'SELECT account_id FROM member WHERE segment_id = 1 ORDER BY account_id' >"$work/shell.txt"
    cmp "$work/ours.txt" "$work/shell.txt"
done
ids 10000000 >"$work/random.txt"
empty_segment
ours ten_million "$work/random.txt"

tell random shell_random 0.75 "5,000,000 random ids into an empty segment"
tell sorted shell_sorted 0.60 "5,000,000 sorted ids into an empty segment"
tell again random 1.00 "the same file again, beside the first time"
tell list select 1.50 "accounts list -o tsv beside the shell's select"
echo "$(megabytes ten_million) MB  (less than 200)  10,000,000 random ids into an empty segment"
