#!/bin/sh
# shift.sh -- a shift of 40 units on eight virtual boards through the station's socket: scans
# before and after the board, refused scans, unplugs, retests, dispositions, login changes.
# The record is compared with what was done. SHIFT_SEED=N repeats one, SHIFT_UNITS=N is
# another number.
. tests/run/lib.sh
seed=${SHIFT_SEED:-$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')}
write_files 8
sed -i 's/^data = var/data = var\nplans = plans/' "$conf"
# All units of one plan fail here, so that chance alone makes three of them alike at once.
printf '[operators]\nlogin = badge\n[run]\nsecond_look = 0\n' >>"$conf"
mkdir "$tmp/plans"
# a_plan FILE SERIALS MORE: plan of these serials; steps on standard input.
a_plan() {
	plan "plans/$1" virtual-console
	sed -i "s|^process = .*|process = FCT\nserial = /^$2\$/\n$3|" "$tmp/plans/$1"
}
step() { printf '[step %s]\nkind = %s\n' "$1" "$2"; shift 2; printf '%s\n' "$@"; }
{ step w wait 'for = 50 ms' 'limit waited = >= 0 s'; step os os_version 'accept = 24.06'; } |
	a_plan good.ini 'AS[0-9]{4}' 'passed = refuse'
step w wait 'for = 50 ms' 'limit waited = >= 10 s' | a_plan fail.ini 'FAIL[0-9]{3}' 'attempts = 2'
{ step os os_version 'accept = 24.06'; step w wait 'for = 800 ms' 'limit waited = >= 0 s'; } |
	a_plan slow.ini 'SLOW[0-9]{3}' 'passed = refuse'
world_begin
for i in 1 2 3 4 5 6 7 8; do "$in_world" "$BUILD/vboard" ctl unplug $i || exit 1; done
IN_WORLD=$in_world PYTHONPATH=tests/run/floor PYTHONDONTWRITEBYTECODE=1 \
	timeout -k 5 350 python3 tests/run/floor/shift.py "$conf" "${SHIFT_UNITS:-40}" "$seed" \
	>"$tmp/said" 2>&1 || { bad=1; tail -n 5 "$tmp/var/station.log"; }
[ $bad -eq 0 ] || cat "$tmp/said"
nobody_left "at the end"
whole "at the end"
world_end || complain "vboard ended with status $world_status"
finish "$(tail -n 1 "$tmp/said")"
