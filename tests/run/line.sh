#!/bin/sh
# line.sh -- the operator's screen on real virtual boards, in tmux: scans (at tmux's speed),
# a slot that is chosen by keys, a board that is plugged in, pulled in the middle and at
# the end, a run that is stopped by two keys, a second screen, a screen that dies. The
# records must say what was done.
. tests/run/lib.sh
write_files 3 'power = external'
mkdir "$tmp/plans"
plan plans/line.ini virtual-console <<'P'
[step os]
kind = os_version
accept = 24.06
[step hold]
kind = wait
for = 5 s
[step id]
kind = console
send = id
expect = /^[0-9a-f]{16}/m
P
sed -i 's/^product = T$/product = T\nserial = \/^U-[0-9]+$\//' "$tmp/plans/line.ini"
sed -i "s|^data = var|data = var\nplans = plans|" "$conf"
tmux() { command tmux -L "st$$" "$@"; }
at_end() {
	tmux kill-server 2>/dev/null
	[ -z "$serve" ] || kill "$serve" 2>/dev/null
}
ctl() { "$in_world" "$BUILD/vboard" ctl "$@" >/dev/null; }
text() { tmux capture-pane -p -t "${1:-0}"; }
# see TEXT [WHAT]: within 15 s
see() {
	i=0
	until text | grep -q -e "$1"; do
		i=$((i + 1))
		[ $i -le 150 ] || { complain "no '$1' on the screen: $2"; text; return 1; }
		sleep 0.1
	done
}
scan() { tmux send-keys -l "$1" && tmux send-keys Enter; }
key() { for k; do sleep 0.5; tmux send-keys "$k"; done; }

world_begin
ctl unplug 2
ctl unplug 3
serve_begin
tmux -f /dev/null -u new-session -d -x 100 -y 30 "$BUILD/station --conf $conf 2>$tmp/screen.err; echo status \$?; sleep 60"
see EMPTY "slots that are out"
see 'scan the unit' "a board that is in"

scan U-1
see 'Which slot' "one board in, others may come"
key F1 F12
see 'U-1' "a unit that was scanned"
see 'PASS  U-1' "its verdict"
scan X-1
see REFUSED "a label of no plan"
ctl plug 2
see '2  [^ ]* SCAN' "a board in slot 2"
scan U-2
see 'RUNS  U-2' "scan after plug: no question"
key F3 F5 # the marked slot is 2
see 'stop the run' "a question before anything is stopped"
scan X-2
see REFUSED "a scan while a question is open"
key F12
see 'ABORTED' "the stopped run"
ctl plug 3
see '3  [^ ]* SCAN' "a board in slot 3"
scan U-3
see 'RUNS  U-3' "a third board"
ctl unplug 3
see 'the station, not the unit' "pulled in the middle"

# The screen dies in a run: the run goes on; a new one shows it.
ctl unplug 2
ctl plug 2
see '2  [^ ]* SCAN' "a board in slot 2"
scan U-4
see 'RUNS  U-4' "a run"
pid=$(pgrep -f "^$BUILD/station --conf $conf\$")
kill -HUP $pid
see 'status 129' "a screen that was hung up"
tmux respawn-window -k "$BUILD/station --conf $conf 2>$tmp/screen.err; echo status \$?; sleep 60"
see 'U-4' "what ran while no screen was there"
see 'PASS  U-4' "its verdict"
key F9 F9 F12
see 'status 0' "the end by keys"

kill $serve
wait $serve
serve=
station list units >"$tmp/units" 2>/dev/null
while read -r unit verdict; do
	grep -q "$unit .*$verdict" "$tmp/units" || { complain "record: $unit must be $verdict"; cat "$tmp/units"; }
done <<T
U-1 PASS
U-2 ABORTED
U-3 ERROR
U-4 PASS
T
[ "$(sqlite3 "$tmp/var/station.db" 'SELECT count(*) FROM run')" = 4 ] || complain "a run too many or too few"
whole "after the line"
finish "scans, a choice, plugs, a stop and two screens on three boards"
