#!/usr/bin/env bash
# Five million accounts in a local store, compared with the sqlite3 shell and a table of the same
# columns and indexes.
#
#     tests/bench/bulk.sh path/to/segments [RUNS] [ACCOUNTS]
#
# Each run does everything once, with segments and the shell in turn (default 5 runs, 5,000,000
# accounts). Prints medians of the ratios and of the milliseconds, and the largest memory of any run.
# Needs sqlite3, python3 and GNU time.
set -euo pipefail
segments=$1
runs=${2:-5}
accounts=${3:-5000000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work XDG_CONFIG_HOME=$work XDG_DATA_HOME=$work XDG_STATE_HOME=$work XDG_CACHE_HOME=$work

random_ids() { # COUNT: some of them more than once
    python3 -c "
import random
generator = random.Random(1)
for _ in range($1):
    print(generator.randrange(1, 2**31))"
}

measure() { # NAME COMMAND...: appends milliseconds to NAME.ms and kilobytes to NAME.kb
    local name=$1 start
    shift
    start=$(date +%s%N)
    command time --append --output="$work/$name.kb" --format=%M "$@"
    echo $((($(date +%s%N) - start) / 1000000)) >>"$work/$name.ms"
}

new_segment() {
    rm -f "$work"/segments.db*
    "$segments" add BIG -q --backend "sqlite:$work/segments.db" >"$work/out"
}

load_segments() { # NAME FILE
    measure "$1" "$segments" accounts add BIG --file "$2" --backend "sqlite:$work/segments.db" >"$work/out"
}

load_shell() { # NAME FILE
    rm -f "$work"/shell.db*
    measure "$1" sqlite3 "$work/shell.db" >"$work/out" <<SQL
PRAGMA journal_mode = wal;
PRAGMA synchronous = normal;
CREATE TABLE member (segment_id INTEGER, account_id INTEGER, PRIMARY KEY (segment_id, account_id)) WITHOUT ROWID;
CREATE INDEX member_by_account ON member (account_id, segment_id);
CREATE TEMP TABLE imported (account_id INTEGER);
.import $2 imported
INSERT OR IGNORE INTO member SELECT 1, account_id FROM imported ORDER BY account_id;
SQL
}

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

megabytes() { sort -n "$work/$1.kb" | awk 'END { print int($1 / 1024) }'; }

report() { # NAME REFERENCE LIMIT LABEL
    printf '%5.2f x (limit %s)  %6d ms / %6d ms  %3d MB   %s\n' \
        "$(paste "$work/$1.ms" "$work/$2.ms" | awk '{ print $1 / $2 }' | median)" "$3" \
        "$(median <"$work/$1.ms")" "$(median <"$work/$2.ms")" "$(megabytes "$1")" "$4"
}

random_ids "$accounts" >"$work/random.txt"
sort -n "$work/random.txt" >"$work/sorted.txt"
for _ in $(seq "$runs"); do
    new_segment
    load_segments sorted "$work/sorted.txt"
    load_shell shell_sorted "$work/sorted.txt"
    new_segment
    load_segments random "$work/random.txt"
    load_shell shell_random "$work/random.txt"
    load_segments again "$work/random.txt"
    measure list "$segments" accounts list BIG -o tsv --backend "sqlite:$work/segments.db" >"$work/segments.txt"
    measure select sqlite3 "$work/shell.db" \
        'SELECT account_id FROM member WHERE segment_id = 1 ORDER BY account_id' >"$work/shell.txt"
    cmp "$work/segments.txt" "$work/shell.txt"
done
random_ids $((2 * accounts)) >"$work/random.txt"
new_segment
load_segments twice "$work/random.txt"

report random shell_random 0.75 "$accounts random ids into an empty segment / sqlite3"
report sorted shell_sorted 0.60 "$accounts sorted ids into an empty segment / sqlite3"
report again random 1.00 "the same file again / the first time"
report list select 1.50 "accounts list -o tsv / sqlite3 SELECT"
echo "$(megabytes twice) MB (limit 200)   $((2 * accounts)) random ids into an empty segment"
