#!/bin/sh
# reports.sh -- what other programs say about our reports: python3-jsonschema,
# xmllint, tidy, a CSV reader, and a browser that prints them. Takes the golden
# examples and reports full of hostile texts, which the unit tests leave in a folder.
cd "$(dirname "$0")/../.." || exit 1
build=${BUILD:-build}
out=$(mktemp -d) || exit 1
trap 'rm -rf "$out"' EXIT
bad=0
say() { echo "reports: $*"; bad=1; }
need() { command -v "$1" >/dev/null || { echo "reports: $1 is missing (package $2)"; exit 1; }; }
need xmllint libxml2-utils
need tidy tidy
need chromium chromium
need pdfinfo poppler-utils
python3 -c 'import jsonschema' 2>/dev/null || { echo "reports: package python3-jsonschema is missing"; exit 1; }

for t in report_json report_html report_junit; do
	STATION_OUT=$out "$build/tests/test_$t" >"$out/log" 2>&1 || { cat "$out/log"; say "test_$t failed"; }
done
n=$(ls "$out"/hostile-*.json "$out"/hostile-*.html "$out"/hostile-*.xml 2>/dev/null | wc -l)
[ "$n" -ge 30 ] || say "only $n hostile reports were left in $out"

# JSON: the schema is one, every report fits it, and it refuses what it must.
python3 - reports/schema/run.schema.json reports/examples "$out" <<'PY' || say "JSON Schema"
import copy, glob, json, sys
import jsonschema
schema = json.load(open(sys.argv[1]))
jsonschema.Draft202012Validator.check_schema(schema)
check = jsonschema.Draft202012Validator(schema)
names = [f for d in sys.argv[2:] for f in sorted(glob.glob(d + "/*.json")) if "/yield." not in f]
bad = 0
for f in names:
    for e in check.iter_errors(json.load(open(f))):
        print(f"{f}: {'/'.join(map(str, e.path))}: {e.message[:200]}")
        bad = 1
good = json.load(open(sys.argv[2] + "/pass.json"))
def refused(what, change):
    global bad
    d = copy.deepcopy(good)
    change(d)
    if check.is_valid(d):
        print("schema takes", what)
        bad = 1
measure = lambda d: d["steps"][3]["attempts"][1]["measures"][0]
refused("an unknown key", lambda d: d.update(extra=1))
refused("an unknown key of a measurement", lambda d: measure(d).update(extra=1))
refused("a missing key", lambda d: d.pop("hash"))
refused("a PASS with a failed step", lambda d: d["steps"][0].update(verdict="FAIL"))
refused("a PASS without steps", lambda d: d.update(steps=[]))
refused("a PASS of a measurement without value", lambda d: measure(d).update(value=None))
refused("a number as text", lambda d: measure(d).update(value="19.4"))
refused("an unknown verdict", lambda d: d.update(verdict="OK"))
refused("a newer schema", lambda d: d.update(schema=2))
refused("a local time", lambda d: d.update(started="2026-01-05 08:00:00"))
if len(names) < 15:
    print("only", len(names), "files")
    bad = 1
sys.exit(bad)
PY

# JUnit: the schema, and that it refuses a suite without its counts.
for f in reports/examples/*.xml "$out"/hostile-*.xml; do
	xmllint --noout --nonet --schema reports/schema/junit.xsd "$f" >"$out/log" 2>&1 ||
		{ head -n 5 "$out/log"; say "$f is not valid"; }
done
sed 's/ failures="0"//' reports/examples/pass.xml >"$out/cut.xml"
xmllint --noout --nonet --schema reports/schema/junit.xsd "$out/cut.xml" >/dev/null 2>&1 &&
	say "the schema takes a suite without failures"

# HTML: no error and no warning of a checker.
for f in reports/examples/*.html "$out"/hostile-*.html; do
	tidy -quiet -errors --show-info no "$f" >"$out/log" 2>&1 || { head -n 5 "$out/log"; say "$f: tidy"; }
done

# CSV: another reader finds the same cells, and none that is a formula.
STATION_OUT=$out "$build/tests/test_export" >"$out/log" 2>&1 || { cat "$out/log"; say "test_export failed"; }
python3 - "$out" <<'PY' || say "CSV"
import csv, glob, sys
NUMERIC = ("value", "lo", "hi", "warn_lo", "warn_hi")
bad = 0
files = sorted(glob.glob(sys.argv[1] + "/export-*.csv"))
for f in files:
    rows = list(csv.reader(open(f, newline="", encoding="utf-8", errors="surrogateescape")))
    for i, r in enumerate(rows):
        if len(r) != len(rows[0]):
            print(f, "row", i, "has", len(r), "cells")
            bad = 1
        for name, c in zip(rows[0], r):
            if c[:1] in ("=", "+", "@", "\t", "\r") or (c[:1] == "-" and name not in NUMERIC):
                print(f, "row", i, name, "is a formula:", c[:20])
                bad = 1
sys.exit(bad or len(files) < 20)
PY

# A browser prints a normal run on one page of either paper, runs nothing, and
# a hostile serial does not stop it.
print() { # FILE PDF
	timeout 60 chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
		--disable-background-networking --disable-component-update --disable-sync \
		--user-data-dir="$out/browser" --no-pdf-header-footer --print-to-pdf="$2" \
		"file://$1" >"$out/log" 2>&1
}
for f in reports/examples/*.html; do
	name=$(basename "$f" .html)
	for paper in A4 letter; do
		sed "s/@page{/@page{size:$paper;/" "$f" >"$out/$name-$paper.html"
		print "$out/$name-$paper.html" "$out/$name.pdf" || { cat "$out/log"; say "$f: chromium"; continue; }
		pages=$(pdfinfo "$out/$name.pdf" | sed -n 's/^Pages: *//p')
		[ "$pages" = 1 ] || say "$f: $pages pages on $paper, must be 1"
		pdftotext "$out/$name.pdf" - | grep -q AS2601004711 || say "$f: no serial on $paper"
	done
done
[ $bad -eq 0 ] && echo "reports: schemas, checkers and one page of paper: all good"
exit $bad
