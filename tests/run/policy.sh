#!/bin/sh
# policy.sh -- which unit may be tested, and who may: labels and their check digits,
# retests, attempts with grants and dispositions, the route, badges, and the programs
# that are asked before. What is refused is not in the record; what was decided is.
. tests/run/lib.sh
printf '[station]\nid = ST-T\ndata = var\n[reports]\nformats =\n' >"$conf"
# keys NAME LIMIT, keys of [plan] on standard input.
keys() {
	{
		printf '[plan]\ntitle = %s\nboard = none\nproduct = T\n' "$1"
		cat
		printf '[step w]\nkind = wait\nfor = 2 ms\nlimit waited = %s\n' "$2"
	} >"$tmp/$1.ini"
}
run() { station run "$tmp/$1.ini" --unit "$2" --operator anna; }
runs() { station list units | grep -cE 'PASS|FAIL'; }
keys pass '<= 20 s' <<P
process = FCT
attempts = 2
passed = refuse
P
keys fail '>= 20 s' <<P
process = FCT
attempts = 2
passed = refuse
P
keys ict '<= 20 s' <<P
process = ICT
P
keys ictbad '>= 20 s' <<P
process = ICT
P
keys eol '<= 20 s' <<P
process = EOL
route = ICT, FCT
P
keys ask '<= 20 s' <<P
process = ASK
passed = ask
P
keys qa '>= 20 s' <<P
process = QA
attempts = 1
grant = qa
P
keys gs1 '<= 20 s' <<P
process = GS1
label = gs1
code = 4006381333931
check = luhn
P
keys lint '<= 20 s' <<P
nonsense = 1
P

# --- attempts ---
expect 1 "first attempt" run fail U1
expect 1 "second attempt" run fail U1
expect 2 "third attempt" run fail U1
has err 'unit U1 has used up its 2 attempts; it needs a disposition' "third attempt"
one_message "third attempt"
expect 2 "a grant without a reason" station grant U1 --plan "$tmp/fail.ini" --by 1184
has err 'needs a --reason' "a grant without a reason"
expect 2 "a grant by nobody" station grant U1 --plan "$tmp/fail.ini" --reason 'needle bent'
has err 'who decides' "a grant by nobody"
expect 0 "a grant" station grant U1 --plan "$tmp/fail.ini" --by 1184 --reason 'needle bent'
has out 'unit U1: grant attempt by 1184 recorded' "a grant"
expect 1 "the granted attempt" run fail U1
expect 2 "after the granted attempt" run fail U1
has err 'used up its 3 attempts' "after the granted attempt"
expect 2 "no such disposition" station dispose U1 burn --plan "$tmp/fail.ini" --by 1184
expect 0 "rework" station dispose U1 rework --plan "$tmp/fail.ini" --by 1184 --reason 'R7 changed'
expect 0 "after rework the count begins anew" run pass U1
expect 2 "already passed" run pass U1
has err 'unit U1 passed at ..:.. already; pass it on' "already passed"
expect 0 "found anew" station dispose U1 ntf --plan "$tmp/fail.ini" --by 1184
expect 0 "a disposition opens a unit that passed" run pass U1
expect 0 "the history" station show U1
has out 'unit U1: 5 runs' "the history"
has out 'grant       attempt  T FCT  by 1184 (command line).*needle bent' "the history"
has out 'disposition rework   T FCT  by 1184 (command line).*R7 changed' "the history"
# Yield counts what it counted: one unit, whose first run failed.
expect 0 "yield" station yield
has out 'units 1 ' "yield"

# --- scrap ---
expect 1 "to be scrapped" run fail U2
expect 0 "scrap" station dispose U2 scrap --plan "$tmp/fail.ini" --by 7
expect 2 "a scrapped unit" run pass U2
has err 'unit U2 was scrapped on ..:.. by 7' "a scrapped unit"
expect 2 "at another process" run ict U2
expect 0 "rework does not bring it back" station dispose U2 rework --plan "$tmp/fail.ini" --by 7
expect 2 "scrapped for ever" run pass U2
expect 2 "not even by engineers" station run "$tmp/pass.ini" --unit U2 --mode engineering

# --- route ---
expect 2 "nothing before" run eol U3
has err 'unit U3 was not tested at ICT yet' "nothing before"
expect 1 "ICT fails" run ictbad U3
expect 2 "failed before" run eol U3
has err 'unit U3 did not pass ICT (last run: FAIL)' "failed before"
expect 0 "ICT" run ict U3
expect 2 "one is missing" run eol U3
has err 'not tested at FCT yet' "one is missing"
expect 1 "FCT fails" run fail U3
expect 0 "used as it is" station dispose U3 use_as_is --plan "$tmp/fail.ini" --by 7
expect 0 "EOL" run eol U3
expect 0 "engineering asks for no route" station run "$tmp/eol.ini" --unit U9 --mode engineering

# --- passed = ask, grant = qa ---
expect 0 "passes" run ask U4
expect 2 "nobody confirms here" run ask U4
has err 'confirm that it is tested again' "nobody confirms here"

# --- labels ---
gs=$(printf '\035')
expect 0 "GS1" run gs1 "]d2010400638133393121794${gs}10L1"
expect 2 "already on record by its serial" station show '(01)04006381333931(21)794'
expect 0 "by its serial" station show 794
expect 0 "GS1 in brackets" run gs1 '(01)04006381333931(21)79927398713'
expect 2 "Luhn" run gs1 '(01)04006381333931(21)79927398710'
has err "ends in '0', its Luhn check digit would be '3'" "Luhn"
expect 2 "another product" run gs1 '(01)00000073513537(21)794'
has err 'is of product 00000073513537' "another product"
expect 2 "a wrong GTIN" run gs1 '(01)04006381333930(21)794'
has err 'label, character 18: (01) GTIN: the check digit' "a wrong GTIN"
one_message "a wrong GTIN"
expect 2 "no GS1" run gs1 hello
has err "label, character 1: an application identifier must stand here; 'h'" "no GS1"
# A serial that may be another unit's label: nobody decides on the other one by mistake.
keys el '>= 20 s' <<P
process = EL
label = gs1
attempts = 1
P
on() { w=$1 u=$2; shift 2; station "$w" "$u" "$@" --plan "$tmp/el.ini" --by 7 --reason x; }
decided() { station show "$1" | grep -cE 'Z  (grant|disposition) '; }
expect 1 "unit 12" run el '(21)12'
expect 2 "a serial that reads as a label" on grant 2112
has err "'2112' is no serial in the record, and read as a label it is unit '12'" "a serial as a label"
one_message "a serial that reads as a label"
expect 2 "the same disposed" on dispose 2112 scrap
expect 1 "unit 2112" run el '(21)2112'
for w in grant dispose; do
	[ $w = grant ] && d='' || d=rework
	expect 2 "$w: both are known" on $w 2112 $d
	has err "'2112' is a serial in the record, and read as a label it is unit '12'" "$w: both"
done
[ "$(decided 12)$(decided 2112)" = 00 ] || complain "a unit was decided on that was not named"
expect 0 "a serial" on grant 12
has out 'unit 12: grant attempt' "a serial"
expect 0 "a label in brackets" on dispose '(21)2112' scrap
has out 'unit 2112: disposition scrap' "a label in brackets"
expect 0 "a scanned label" on dispose "]d22112${gs}10L1" rework
has out 'unit 12: disposition rework' "a scanned label"
expect 1 "unit 219" run el '(21)219'
expect 0 "a serial whose label is nobody's" on grant 219
has out 'unit 219: grant attempt' "a serial whose label is nobody's"
[ "$(decided 12)$(decided 2112)$(decided 219)" = 211 ] || complain "not every decision is told"
expect 2 "scrapped" run el '(21)2112'
expect 1 "not scrapped" run el '(21)12'
expect 2 "a code of the station" run ict STATION.REWORK
has err 'no label of a unit' "a code of the station"
expect 2 "a badge" run ict BADGE.1184.123456789012345678901234567890123456789
has err 'no label of a unit' "a badge"
grep -q 123456789 "$tmp/err" && complain "a badge was repeated"
expect 2 "a plan with a mistake" run lint U5

# --- programs that are asked ---
cat >"$tmp/ask" <<'H'
#!/bin/sh
cat >"${0%/*}/event.$1"
grep -q '"serial":"HELD"' "${0%/*}/event.$1" && { echo 'lot L7 is on hold'; exit 3; }
grep -q '"serial":"SLOW"' "${0%/*}/event.$1" && sleep 30
[ "$1" = after ] && grep -q '"serial":"LOST"' "${0%/*}/event.$1" && { echo 'no such queue'; exit 4; }
exit 0
H
chmod +x "$tmp/ask"
printf '[hooks]\nbefore_unit = ./ask before\nafter_unit = ./ask after\nwithin = 500 ms\n' >>"$conf"
before=$(runs)
expect 2 "held" run ict HELD
has err 'unit HELD was refused: lot L7 is on hold' "held"
one_message "held"
expect 3 "no answer" run ict SLOW
has err "gave no answer within 0.5 s; unit SLOW is not started" "no answer"
[ "$(runs)" -eq "$before" ] || complain "a unit was started though it was refused"
expect 0 "let through" run ict U6
said() { for w; do grep -q "$w" "$tmp/event.$event" || complain "$event unit did not get $w"; done; }
event=before
said '"event":"before_unit"' '"serial":"U6"' '"operator":"anna"' '"attempt":1}'
event=after
said '"event":"after_unit"' '"serial":"U6"' '"verdict":"PASS"' '"run":"[0-9a-f-]\{36\}"'
expect 0 "what programs said" station show HELD
has out 'hook        before_unit .*refused.*lot L7 is on hold' "what programs said"
expect 0 "what programs said" station show U6
has out 'hook        after_unit .*fine  run ' "what programs said"
expect 0 "a program that is only told" run ict LOST
expect 0 "it can refuse nothing" station show LOST
has out 'hook        after_unit .*failed.*no such queue' "it can refuse nothing"
sed -i 's|^before_unit.*|before_unit = ./missing|' "$conf"
expect 3 "a program that is missing" run ict U7
has err "cannot be started: No such file" "a program that is missing"
sed -i '/^\[hooks\]/,$d' "$conf"

# --- badges ---
printf '[operators]\nlogin = badge\n' >>"$conf"
expect 2 "nobody" station run "$tmp/ict.ini" --unit U8
has err 'nobody is logged in' "nobody"
expect 2 "an id is no badge" run ict U8
has err 'asks for badges' "an id is no badge"
badge() { station people add "$1" --name "$2" --role "$3" --format text >"$tmp/badge.$1"; }
(umask 077 && badge 1 Op operator && badge 2 En engineer && badge 3 Qu qa) || complain "no badges"
by() { b=$1; shift; station "$@" --badge "$tmp/badge.$b"; }
expect 0 "with a badge" by 1 run "$tmp/ict.ini" --unit U8
station export 2>/dev/null | grep '"serial":"U8"' | grep -q '"operator":"1","operator_how":"badge operator"' ||
	complain "the record does not say who tested"
expect 1 "QA's plan" by 1 run "$tmp/qa.ini" --unit U8
expect 2 "an operator grants nothing" by 1 grant U8 --plan "$tmp/qa.ini" --reason x
has err 'granted by qa' "an operator grants nothing"
expect 2 "nor does an engineer" by 2 grant U8 --plan "$tmp/qa.ini" --reason x
expect 0 "QA does" by 3 grant U8 --plan "$tmp/qa.ini" --reason x
expect 2 "use as is is QA's" by 2 dispose U8 use_as_is --plan "$tmp/qa.ini"
expect 0 "rework is anybody's" by 1 dispose U8 rework --plan "$tmp/qa.ini"
station people revoke 1 || complain "revoke"
expect 2 "a revoked badge" by 1 run "$tmp/ict.ini" --unit U8
has err 'this badge opens nothing here' "a revoked badge"
sed -i 's/.\{3\}$/000/' "$tmp/badge.2"
expect 2 "a wrong secret" by 2 run "$tmp/ict.ini" --unit U8
expect 0 "JSON lines" station export --output "$tmp/lines"
expect 0 "CSV" station export --format csv --output "$tmp/csv"
python3 - "$tmp" <<'PY' || complain "decisions are not exported as they should be"
import csv, json, sys, jsonschema
t = sys.argv[1]
schema = json.load(open("reports/schema/decision.schema.json"))
lines = [json.loads(l) for l in open(t + "/lines/decisions.jsonl")]
for l in lines:
    jsonschema.validate(l, schema)
rows = list(csv.DictReader(open(t + "/csv/decisions.csv", newline="")))
strip = lambda v: v[1:] if v.startswith("'") else v
assert len(lines) == len(rows) > 10
for l, r in zip(lines, rows):
    for k in r:
        assert strip(r[k]) == ("" if l[k] is None else str(l[k])), (k, l, r)
assert {l["kind"] for l in lines} == {"grant", "disposition", "hook"}
assert any(l["reason"] == "needle bent" and l["by"] == "1184" for l in lines)
meta = json.load(open(t + "/csv/export.meta.json"))
assert [f["name"] for f in meta["files"]] == ["runs.csv", "measurements.csv", "decisions.csv"], meta
PY
whole "decisions"
finish "who may test what was asked of one place"
