#!/bin/sh
# shift_screen.sh -- a shift of 200 units through the screen: tmux plays scanner and fingers
# on eight virtual boards. Boards are plugged in before and after the scan of their label;
# refused labels of each kind, retests, boards that are pulled in the middle, dispositions,
# one more attempt, changes of the operator. The records are compared with what was done.
# SHIFT_SEED=N repeats one, SHIFT_UNITS=N is another number.
. tests/run/lib.sh
seed=${SHIFT_SEED:-$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')}
write_files 8 'power = external'
sed -i 's/^data = var/data = var\nplans = plans/' "$conf"
printf '[operators]\nlogin = badge\n' >>"$conf"
mkdir "$tmp/plans"
a_plan() { # FILE SERIAL MORE, steps on standard input
	plan "plans/$1" virtual-console
	sed -i "s|^process = .*|process = FCT\nserial = /^$2\$/\n$3|" "$tmp/plans/$1"
}
os() { printf '[step os]\nkind = os_version\naccept = %s\n' "$1"; }
os 24.06 | a_plan good.ini 'A-[0-9]+' 'passed = refuse'
os 24.06 | a_plan check.ini '77[0-9]{6}' 'passed = refuse\ncheck = mod97'
os 24.06 | a_plan route.ini 'R-[0-9]+' 'route = ICT'
os 9.9 | a_plan fail.ini 'F-[0-9]+' 'attempts = 2'
{ printf '[step w]\nkind = wait\nfor = 6 s\n'; os 24.06; } | a_plan slow.ini 'S-[0-9]+' 'passed = refuse'
at_end() {
	command tmux -L "shift$$" kill-server 2>/dev/null
	[ -z "$serve" ] || kill "$serve" 2>/dev/null
}
world_begin
for i in 1 2 3 4 5 6 7 8; do "$in_world" "$BUILD/vboard" ctl unplug $i >/dev/null || exit 1; done
serve_begin
tmux -L "shift$$" -f /dev/null -u new-session -d -x 132 -y 43 "$BUILD/station --conf $conf; echo status \$?; sleep 60"
IN_WORLD=$in_world PYTHONPATH=tests/run/floor PYTHONDONTWRITEBYTECODE=1 \
	timeout -k 5 390 python3 tests/run/floor/shift_screen.py "$conf" "${SHIFT_UNITS:-200}" "$seed" \
	"shift$$" >"$tmp/said" 2>&1 || { bad=1; echo "seed $seed"; tail -n 5 "$tmp/var/station.log"; }
[ $bad -eq 0 ] || cat "$tmp/said"
kill $serve
wait $serve
serve=
whole "after the shift"
finish "$(tail -n 1 "$tmp/said")"
