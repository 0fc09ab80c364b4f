#!/bin/sh
# input.sh -- bad input from people, files and labels. Each mistake costs exactly
# one message, that names the place, and the right exit status; nothing is begun
# for it. Hostile serials become records and reports that are whole and valid, and
# no file is written anywhere else.
. tests/run/lib.sh
formats='text, json, html, junit'
write_files 2
sed -i "s/^board_network = 127.0.0.1:${ports%00}0\\(.\\)/&\\nnetwork = 127.0.0.1:${ports%00}1\\1/" "$tmp/fixture.ini"
plan good.ini virtual-console <<'P'
[step os]
kind = os_version
accept = 24.06
P
sed 's/^process.*/&\nserial = \/^VB-[0-9]{4}$\//' "$tmp/good.ini" >"$tmp/label.ini"
sed 's/^process.*/&\nattempts = 2/; s/24.06/99.99/; s/^product.*/product = A/' "$tmp/good.ini" >"$tmp/attempts.ini"
sed 's/^accept/acept/' "$tmp/good.ini" >"$tmp/key.ini"
sed 's/os_version/os_versoin/' "$tmp/good.ini" >"$tmp/kind.ini"
sed '/^\[step/,$d' "$tmp/good.ini" >"$tmp/empty.ini"
: >"$tmp/blank.ini"
plan other.ini linux-shell <<'P'
[step os]
kind = os_version
accept = 24.06
P
plan tcp.ini virtual-console <<'P'
[step tcp]
kind = throughput
role = server
direction = up
duration = 1 s
limit rate = >= 1 Mbit/s
P
sed 's/^board = .*/&\ncalibration_due = 2020-01-01/' "$tmp/fixture.ini" >"$tmp/overdue.ini"
sed 's/^id = .*/id = FX-OLD/; s/^board = .*/&\ncycles_max = 2/' "$tmp/fixture.ini" >"$tmp/worn.ini"
sed 's/1-1\.2/1-1.9/' "$tmp/fixture.ini" >"$tmp/nodevice.ini"
sed 's/FXT02/FXT99/' "$tmp/fixture.ini" >"$tmp/serial.ini"
world_begin
run() { "$in_world" "$BUILD/station" --conf "$conf" run "$@"; }
cd "$tmp" || exit 1

# refuse STATUS PATTERN COMMAND...: one message, nothing else, no verdict.
rows=0
refuse() {
	rows=$((rows + 1))
	st=$1 pattern=$2
	shift 2
	expect "$st" "$*" "$@"
	one_message "$*"
	has err "$pattern" "$*"
	has_not out 'PASS\|verdict' "$*"
}
one="--slot 1 --unit VB-0001"

# Files.
refuse 2 'nowhere.ini: .*No such file' run nowhere.ini $one
refuse 2 'key.ini:9:1: error: unknown key .acept.*accept' run key.ini $one
refuse 2 'kind.ini:8:8: error: .*os_versoin.*os_version' run kind.ini $one
refuse 2 'empty.ini.*no steps\|empty.ini.*error' run empty.ini $one
refuse 2 'other.ini:.*error: .*linux-shell.*virtual-console\|other.ini:.*error: .*virtual-console.*linux-shell' run other.ini $one
refuse 2 'nowhere.conf: .*No such file' "$BUILD/station" --conf nowhere.conf run good.ini $one
refuse 2 'nowhere.ini: .*No such file' run good.ini $one --fixture nowhere.ini
# Several mistakes are told at once, each in a line.
expect 2 "blank plan" run blank.ini $one
has err '^blank.ini: error: there is no section .plan.' "blank plan"
has_not err '^station' "blank plan"
sed 's/^accept/acept/; s/^revision/revisoin/' good.ini >two.ini
expect 2 "two mistakes" run two.ini $one
[ "$(grep -c '^two.ini:[0-9]*:[0-9]*: error: unknown key' err)" -eq 2 ] || complain "two mistakes: $(cat err)"

# What is typed.
refuse 2 'no slot 7' run good.ini --slot 7 --unit A
refuse 2 '2 slots.*--all' run good.ini --unit A
refuse 2 'one --unit for each slot' run good.ini --all --unit A
refuse 2 'slot 1 is given twice' run good.ini --slot 1 --slot 1 --unit A --unit B
refuse 2 'one unit cannot be on two slots' run good.ini --all --unit A --unit A
refuse 2 "no such option: --frob" run good.ini $one --frob
refuse 2 "unit needs a value" run good.ini --slot 1 --unit
refuse 2 "mode is 'fast'.*production" run good.ini $one --mode fast
refuse 2 "no step nope" run good.ini $one --only nope
refuse 2 "only is for --mode engineering" run good.ini $one --only os --mode production
refuse 2 "variant.*nope\|nope.*variant" run good.ini $one --variant nope
refuse 2 "which plan" run $one
refuse 2 "no such command: rum; did you mean run" station rum
refuse 2 "no such option: --frob" station --frob run
refuse 2 "no step kind 'wiat'" station help step wiat

# Labels that the plan does not know.
refuse 2 "VB-1.*VB-\[0-9\]" run label.ini --slot 1 --unit VB-1
refuse 2 "it is empty" run good.ini --slot 1 --unit ''
refuse 2 "serial of 20000 bytes" run good.ini --slot 1 --unit "$(printf '%020000d' 0)"
[ ! -e var/reports ] || complain "a refused start left reports"

# The fixture.
refuse 3 'overdue.ini: calibration of fixture FX-T was due on 2020-01-01' run good.ini $one --fixture overdue.ini
expect 0 "cycle 1" run good.ini $one --fixture worn.ini
expect 0 "cycle 2" run good.ini $one --fixture worn.ini
refuse 3 'worn.ini: fixture FX-OLD has done 2 of its 2 cycles; change' run good.ini $one --fixture worn.ini

# Attempts.
expect 1 "attempt 1" run attempts.ini $one
expect 1 "attempt 2" run attempts.ini $one
refuse 2 'VB-0001 has used up its 2 attempts; it needs' run attempts.ini $one
expect 1 "an engineer may" run attempts.ini $one --mode engineering

# What is found out in the run is recorded: ERROR, the station is to blame.
error() { # WHAT CODE PATTERN ARGS
	what=$1 code=$2 pattern=$3
	shift 3
	expect 3 "$what" run "$@" --json
	has out '"run_recorded".*"verdict":"ERROR","blame":"station"' "$what"
	has out "\"step_ended\".*\"code\":\"$code\",\"message\":\"$pattern" "$what"
}
error "slot with no device" ERR_FIXTURE '.*1-1.9' good.ini --slot 2 --unit VB-0001 --fixture nodevice.ini
error "wrong interface in the slot" ERR_FIXTURE '.*FXT99.*FXT02' good.ini --slot 2 --unit VB-0001 --fixture serial.ini
python3 -c 'import socket, time
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(("127.0.0.1", '$((ports + 11))')); s.listen(); print("ready", flush=True); time.sleep(60)' >listener &
listener=$!
i=0
until [ -s listener ] || [ $((i = i + 1)) -gt 200 ]; do sleep 0.05; done
error "port in use" ERR_BUSY ".*127.0.0.1 port $((ports + 11)).*in use" tcp.ini --slot 1 --unit VB-0001
kill $listener
wait $listener 2>/dev/null
expect 0 "port free again" run tcp.ini --slot 1 --unit VB-0001
sed 's/^protocol.*//; s/^role.*/&\nprotocol = udp\nrate = 2 Mbit\/s/' tcp.ini >udp.ini
expect 0 "UDP to the station's server" run udp.ini --slot 1 --unit VB-0001
# No permission: a device file that is there and that nobody serves is refused
# with EACCES in a world.
served=$("$in_world" sh -c 'ls -d "$UMOCKDEV_DIR"/vusb/*/*' | tail -n 1)
mv "$served" "$tmp/served" # of the last board
expect 3 "what to do" run good.ini --slot 2 --unit VB-0001
has out 'to do: install the udev rule and join its group' "what to do"
error "no permission" ERR_ACCESS '.*60-station.rules\|.*udev\|.*ermission' good.ini --slot 2 --unit VB-0001
mv "$tmp/served" "$served"
expect 0 "permission again" run good.ini --slot 2 --unit VB-0001

# The worst of several decides.
sed 's/^fixture.*/fixture = nodevice.ini/' "$conf" >nodevice.conf
expect 3 "a FAIL and an ERROR" "$in_world" "$BUILD/station" --conf nodevice.conf run attempts.ini --all \
	--unit VB-1001 --unit VB-1002
has out 'VB-1001 *FAIL *unit' "a FAIL and an ERROR"
has out 'VB-1002 *ERROR *station' "a FAIL and an ERROR"
refuse 2 "label 'WRONG' fits" run label.ini --all --unit VB-0007 --unit WRONG

# Hostile serials.
rm -rf var/reports
before=$(find . -path ./var -prune -o -type f -print | sort)
serials=0
ten=$(printf '%010000d' 0)
control=$(printf 'a\001b\tc\033[31md\177e\nf\rg')
refuse 2 'holds a control character' run good.ini --slot 1 "--unit=$control"
utf8=$(printf 'x\377\300\257\355\240\200y')
for serial in '../../etc/x' '/etc/passwd' '..' '.' '-rf' '=cmd()|x' '+1' '@x' '<script>alert(1)</script>' \
	'"><img src=x onerror=y>' "';DROP TABLE run;--" '%s%n%p' 'a b' '~' '$(id)' 'CON' ']]>' '&amp;' "$ten" "$utf8" \
	"$(printf 'M\303\274ller \342\200\256 abc')"; do
	serials=$((serials + 1))
	expect 0 "serial $(printf %.20s "$serial" | tr -c '[:print:]' '?')" run good.ini --slot 1 "--unit=$serial"
	[ ! -s err ] || { complain "serial $serials: $(head -c 300 err)"; }
done
after=$(find . -path ./var -prune -o -type f -print | sort)
[ "$before" = "$after" ] || complain "files outside var: $after"
for ext in txt json html xml; do
	n=$(find var/reports -mindepth 2 -maxdepth 2 -type f -name "*.$ext" | wc -l)
	[ "$n" -eq $serials ] || complain "$n reports .$ext for $serials runs"
done
[ "$(find var/reports -type f | wc -l)" -eq $((4 * serials)) ] || complain "other files among the reports"
[ -z "$(find var/reports -type f -name '.*')" ] || complain "reports with hidden names"
LC_ALL=C grep -lP '[\x00-\x08\x0b-\x1f\x7f]' -r var/reports >control && complain "control characters in $(head -n 1 control)"
python3 - "$root/reports/schema/run.schema.json" <<'PY' || complain "JSON reports are not valid"
import glob, json, sys, jsonschema
check = jsonschema.Draft202012Validator(json.load(open(sys.argv[1])))
bad = 0
for f in glob.glob("var/reports/*/*.json"):
    for e in check.iter_errors(json.load(open(f, encoding="utf-8"))):
        print(f, e.message[:200])
        bad = 1
sys.exit(bad)
PY
for f in var/reports/*/*.xml; do
	xmllint --noout --nonet --schema "$root/reports/schema/junit.xsd" "$f" >log 2>&1 || { complain "$f"; head -n 3 log; }
done
tidy -quiet -errors --show-info no var/reports/*/*.html >log 2>&1 || { complain "HTML"; head -n 5 log; }
grep -l '<script\|<img' var/reports/*/*.html && complain "a serial became markup"
for serial in '../../etc/x' "$utf8" "$ten" '-rf'; do
	expect 0 "show" station show -- "$serial"
	expect 0 "report" station report -- "$serial"
done
expect 0 "export" station export --format csv --output csv
grep -rq '^"\{0,1\}[=+@]' csv && complain "a formula in the CSV"
whole "at the end"
nobody_left "at the end"
cd "$root" || exit 1
world_end || complain "vboard ended with status $world_status"
finish "$rows mistakes with one message each, $serials hostile serials: record whole, reports valid and in their folder"
