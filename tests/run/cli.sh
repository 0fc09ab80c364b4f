#!/bin/sh
# cli.sh -- every command: what it prints, its exit status, --help, a wrong option,
# output closed early or refused. Reports printed again are those that were
# written; `conf --all` is a station.conf; the manual pages have no warnings.
. tests/run/lib.sh
formats='text, json, html, junit'
write_files 4
plan p.ini virtual-console <<'P'
[step os]
kind = os_version
accept = 24.06
[step id]
kind = console
send = id
expect = /^([0-9a-f]{16})\r?$/m
capture = text
[step pins]
kind = gpio_loopback
pairs = 0-1, 2-3
P
sed -i '/^\[board 2\]/,/^os/s/^os.*/os = 23.01/' "$tmp/world.ini"
world_begin
mkdir "$tmp/plans" || exit 1 # else the settings name a folder that is not there
cd "$tmp" || exit 1

# Every command of the overview tells its usage and refuses what it does not know.
expect 0 "overview" station help
commands=$(sed -n 's/^  \([a-z]*\)  *[^ ].*/\1/p' out)
n=0
for c in $commands; do
	n=$((n + 1))
	for way in "$c --help" "help $c" "$c -h"; do
		expect 0 "$way" station $way
		has out "^usage: station \[--conf FILE\] $c" "$way"
		[ ! -s err ] || complain "$way: $(cat err)"
	done
	station $c --help >first
	expect 2 "$c --wrong" station $c --wrong
	one_message "$c --wrong"
	has err "station $c: no such option: --wrong; see station help $c" "$c --wrong"
	# Each option is told with what it takes, and a missing value is told.
	sed -n 's/^  --\([a-z]*\) [A-Z].*/\1/p' first >options
	while read -r option; do
		expect 2 "$c --$option" station $c --$option
		one_message "$c --$option"
		has err "$option needs a value" "$c --$option"
	done <options
done
[ $n -ge 10 ] || complain "only $n commands in the overview"
expect 2 "no command and no terminal" setsid -w "$BUILD/station" --conf "$conf"
expect 0 "version" station --version
has out '^station [0-9]*\.[0-9]*\.[0-9]*$' "version"

expect 2 "--conf alone" "$BUILD/station" --conf
has err '^station: --conf needs a file; see' "--conf alone"

# A slot that nothing describes is refused, not taken for the only one.
sed '/^fixture/d' "$conf" >noslots.conf
for slots in "--slot 2 --unit U1" "--slot 1 --unit U1" "--slot 1 --slot 2 --unit U1 --unit U2" "--unit U1 --unit U2"; do
	expect 2 "no fixture: $slots" "$BUILD/station" --conf noslots.conf run p.ini $slots
	one_message "no fixture: $slots"
	has err "no fixture says which slots there are: set 'fixture' in station.conf" "no fixture: $slots"
done

# A standard output that is closed is none of the files of the record: what was not read
# by anybody is no success, and the record does not call it shown.
sed 's/^data.*/data = closed/; /^fixture/d' "$conf" >closed.conf
printf '[plan]\ntitle = t\nboard = none\nproduct = C\n[step w]\nkind = wait\nfor = 1 ms\nlimit waited = >= 0 s\n' >closed.ini
"$BUILD/station" --conf closed.conf run closed.ini --unit U1 >&- 2>err
status=$?
[ $status -eq 3 ] || complain "output closed: exit status $status, must be 3"
has err '^station: standard output: Bad file descriptor' "output closed"
[ ! -s closed/station.db.lock ] || complain "output closed: it went into $(ls closed/station.db.lock)"
[ "$(sqlite3 closed/station.db 'SELECT count(*) FROM shown')" -eq 0 ] || complain "output closed: its verdict was not shown"
expect 0 "output closed: the record" "$BUILD/station" --conf closed.conf verify

# What reads a record begins none.
sed 's/^data.*/data = nothing/' "$conf" >norecord.conf
for c in "verify" "show U1" "report U1" "yield" "list units" "export"; do
	expect 3 "no record: $c" "$BUILD/station" --conf norecord.conf $c
	one_message "no record: $c"
	has err '^station: nothing/station.db: there is no record; the first unit begins it' "no record: $c"
done
[ ! -e nothing ] || complain "no record: something was made"

# --- run ---
expect 1 "run" "$in_world" "$BUILD/station" --conf "$conf" run p.ini --all --unit U1 --unit U2 --unit U3 --unit U4
has out '^slot *unit *verdict *blame' "run"
has out '^1 *U1 *PASS' "run"
has out '^2 *U2 *FAIL *unit *os.version 23.01 (limit' "run"
has out 'var/reports/.*\.html' "run"
expect 0 "run --json" "$in_world" "$BUILD/station" --conf "$conf" run p.ini --slot 1 --unit U1 --operator anna --json
python3 -c 'import json, sys
events = [json.loads(l)["event"] for l in open("out")]
assert events[0] == "run_started" and events.count("run_recorded") == 1, events
assert events.count("step_started") == events.count("step_ended") == 3, events
assert events.count("report") == 4, events' || complain "run --json: not the events of one run"
expect 0 "run --only" "$in_world" "$BUILD/station" --conf "$conf" run p.ini --slot 3 --unit U3 --mode engineering --only os
sed 's/^formats.*/formats =/' "$conf" >silent.conf # its reports would be of no run in the record
expect 0 "run --database" "$in_world" "$BUILD/station" --conf silent.conf run p.ini --slot 3 --unit U3 --database other/place.db
expect 0 "verify a named record" station verify other/place.db
has out '^whole: .* 1 runs' "verify a named record"
expect 0 "run --record" "$in_world" "$BUILD/station" --conf "$conf" run p.ini --slot 3 --unit U3 --record u3.rec
expect 0 "run --replay" station run p.ini --slot 3 --unit U3 --replay u3.rec --mode engineering
sed '3s/.*/what is this/' u3.rec >bad.rec
expect 2 "run --replay of what is none" station --conf silent.conf run p.ini --slot 3 --unit U3 --replay bad.rec \
	--mode engineering --only os --database other/place.db
has out 'bad.rec:3: not a line of a recording' "run --replay of what is none"
has out 'correct the line that the message names' "run --replay of what is none"

# --- check, conf ---
expect 0 "check" station check p.ini fixture.ini station.conf "$root/fixtures/boards/virtual-console.ini"
sed 's/accept/acept/' p.ini >wrong.ini
expect 2 "check, mistake" station check wrong.ini
cat out err | grep -q '^wrong.ini:[0-9]*:[0-9]*: error: ' || complain "check, mistake: no place"
expect 2 "check --json" station check --json wrong.ini
python3 -c 'import json; [json.loads(l) for l in open("out")]' || complain "check --json is no JSON"
expect 2 "check, no file" station check nowhere.ini
expect 0 "conf" station conf --all
cp out all.conf
expect 0 "conf, checked" station check all.conf
"$BUILD/station" --conf all.conf conf --all >again.conf || complain "conf --all does not load"
cmp -s all.conf again.conf || { complain "conf --all prints something else after it was loaded"; diff all.conf again.conf | head -n 5; }

# --- list ---
for what in steps boards errors faults units reports; do
	expect 0 "list $what" station list $what
	[ -s out ] && [ ! -s err ] || complain "list $what prints nothing, or a message"
done
station list steps >out
has out '^gpio_loopback ' "list steps"
station list units >out
has out 'U2 .*FAIL' "list units"
expect 0 "list slots" "$in_world" "$BUILD/station" --conf "$conf" list slots
[ "$(grep -c '^slot [1-4] .*FXT0' out)" -eq 4 ] || { complain "list slots"; cat out; }
for kind in $(station list steps | sed -n 's/^\([a-z_]*\)  *[a-z].*/\1/p'); do
	expect 0 "help step $kind" station help step $kind
done

# --- show, report, export, yield, verify ---
expect 0 "show" station show U1
[ "$(grep -c PASS out)" -eq 2 ] || { complain "show U1: not two runs"; cat out; }
reports=0
for f in var/reports/*/*_FCT_*; do
	id=${f##*_} ext=${f##*.}
	id=${id%.*}
	case $ext in txt) format=text ;; xml) format=junit ;; *) format=$ext ;; esac
	reports=$((reports + 1))
	expect 0 "report $id" station report "$id" --format $format
	cmp -s out "$f" || complain "report $id --format $format is not $f"
	expect 0 "report --output" station report "$id" --format $format --output again.$ext
	cmp -s again.$ext "$f" || complain "report $id --output is not $f"
done
[ $reports -ge 28 ] || complain "only $reports reports were written"
expect 0 "report of a unit" station report U2
has out 'FAIL' "report of a unit"
expect 0 "export" station export
runs=$(wc -l <out)
[ "$runs" -eq 8 ] || complain "export: $runs lines for 8 runs"
python3 -c 'import json; [json.loads(l) for l in open("out")]' || complain "export is no JSON"
for format in jsonl csv; do
	expect 0 "export $format" station export --format $format --output x_$format
	[ -s x_$format/export.meta.json ] || complain "export $format: no export.meta.json"
	(cd x_$format && python3 -c '
import hashlib, json
meta = json.load(open("export.meta.json"))
text = json.dumps(meta)
import os
for f in os.listdir("."):
    if f != "export.meta.json":
        assert hashlib.sha256(open(f, "rb").read()).hexdigest() in text, f') ||
		complain "export $format: a hash in export.meta.json is wrong"
	station export --format $format --output y_$format >/dev/null 2>&1
	for f in x_$format/*; do
		case $f in */export.meta.json) continue ;; esac
		cmp -s "$f" "y_$format/${f##*/}" || complain "export $format is not the same twice: $f"
	done
done
[ "$(wc -l <x_csv/runs.csv)" -eq $((runs + 1)) ] || complain "runs.csv has not $runs rows"
expect 0 "export --excel" station export --format csv --excel --output excel
[ "$(head -c 3 excel/runs.csv | od -An -tx1 | tr -d ' ')" = efbbbf ] || complain "export --excel: no mark"
expect 0 "yield" station yield
has out 'FCT' "yield"
has out 'os' "yield"
expect 0 "yield --json" station yield --json --since 7d
python3 -c 'import json; json.load(open("out"))' || complain "yield --json is no JSON"
expect 0 "verify" station verify
has out "^whole: .* $runs runs.* gaps 0; first bad sequence 0; head [0-9a-f]\{64\}" "verify"

# --- output that is closed or full ---
for c in "help" "list errors" "conf --all" "report U1" "export" "yield" "show U1" "help man station.1"; do
	(station $c; echo $? >status) 2>err | :
	case $(cat status) in
	0 | 3) ;;
	*) complain "$c: output closed early: status $(cat status)" ;;
	esac
	[ "$(wc -l <err)" -le 1 ] || complain "$c: output closed early: $(cat err)"
	station $c >/dev/full 2>err
	[ $? -eq 3 ] || complain "$c: status is not 3 when the output is full"
	one_message "$c: output is full"
done

# --- manual pages ---
for page in station.1 station-plan.5 station.conf.5; do
	expect 0 "help man $page" station help man $page
	cp out $page
	command -v groff >/dev/null && {
		groff -man -ww -Tutf8 $page >/dev/null 2>err
		[ ! -s err ] || complain "$page: $(head -n 3 err)"
	}
	command -v mandoc >/dev/null && {
		mandoc -T lint -W error $page >err 2>&1
		[ ! -s err ] || complain "$page: $(head -n 3 err)"
	}
done
for c in $commands; do
	grep -q "^\.SS $c" station.1 || complain "station.1 has no $c"
done
cd "$root" || exit 1
world_end || complain "vboard ended with status $world_status"
finish "$n commands, $reports reports printed again, $runs runs exported both ways"
