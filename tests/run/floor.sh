#!/bin/sh
# floor.sh -- `station serve` on four virtual boards: scan to test, refused scans, boards
# that are plugged in and out, an engineer's hand, and front-ends and stations that die.
# The front-end is `station talk`; what is recorded is compared with what was done.
. tests/run/lib.sh
write_files 4
sed -i 's/^data = var/data = var\nplans = plans/' "$conf"
mkdir "$tmp/plans"
# a_plan FILE SERIALS MORE: plan of these serials; steps on standard input.
a_plan() {
	plan "plans/$1" virtual-console
	sed -i "s|^process = .*|process = FCT\nserial = /^$2\$/\n$3|" "$tmp/plans/$1"
}
step() { printf '[step %s]\nkind = %s\n' "$1" "$2"; shift 2; printf '%s\n' "$@"; }
limit='limit waited = >= 0 s'
{ step w wait 'for = 50 ms' "$limit"; step os os_version 'accept = 24.06'; } |
	a_plan fast.ini 'AS[0-9]{4}' 'passed = refuse'
{ step w wait 'for = 1200 ms' "$limit"; step os os_version 'accept = 24.06'
	step tail wait 'for = 1500 ms' "$limit"; } | a_plan long.ini 'LONG[0-9]{2}'
step w wait 'for = 50 ms' 'limit waited = >= 10 s' 'instruction = check connector J3' |
	a_plan fail.ini 'FAIL[0-9]{2}' 'attempts = 2'
{ step led prompt 'text = Is the LED green?'
	step cable prompt 'answer = scan' 'text = Scan the cable' 'accept = CABLE-7'
	step os os_version 'accept = 24.06'; } | a_plan ask.ini 'ASK[0-9]{3}'
step w wait 'for = ages' | a_plan broken.ini 'BROKEN[0-9]'

world_begin
for i in 1 2 3 4; do "$in_world" "$BUILD/vboard" ctl unplug $i || exit 1; done
IN_WORLD=$in_world PYTHONPATH=tests/run/floor PYTHONDONTWRITEBYTECODE=1 \
	timeout -k 5 300 python3 tests/run/floor/floor.py "$conf" >"$tmp/said" 2>&1 ||
	{ bad=1; cat "$tmp/said"; tail -n 5 "$tmp/var/station.log"; }
nobody_left "at the end"
whole "at the end"
expect 2 "an argument" station serve now
one_message "an argument"
expect 0 "help" station serve --help
has out 'idle-exit' "help"
world_end || complain "vboard ended with status $world_status"
finish "scans, refusals, unplugs and deaths on 4 boards: the record holds what was done"
