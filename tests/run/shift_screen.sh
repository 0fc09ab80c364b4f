#!/bin/sh
# shift_screen.sh -- a shift through the screen: tmux plays scanner and fingers on eight
# virtual boards. Boards are plugged in and their labels scanned; refused labels, retests,
# boards that are pulled in the middle, a change of the operator. The records are compared
# with what was done. SHIFT_UNITS: how many units, preset 24; SHIFT_UNITS=200 is a shift.
. tests/run/lib.sh
units=${SHIFT_UNITS:-24}
write_files 8 'power = external'
sed -i 's/^data = var/data = var\nplans = plans/' "$conf"
printf '[operators]\nlogin = badge\n' >>"$conf"
mkdir "$tmp/plans"
a_plan() { # FILE SERIAL MORE
	plan "plans/$1" virtual-console
	sed -i "s|^process = .*|process = FCT\nserial = /^$2\$/\n$3|" "$tmp/plans/$1"
}
printf '[step os]\nkind = os_version\naccept = 24.06\n' | a_plan good.ini 'AS-[0-9]+' 'passed = refuse'
printf '[step os]\nkind = os_version\naccept = 9.9\n' | a_plan fail.ini 'F-[0-9]+' 'attempts = 5'
printf '[step w]\nkind = wait\nfor = 8 s\n[step os]\nkind = os_version\naccept = 24.06\n' |
	a_plan slow.ini 'S-[0-9]+' ''
tmux() { command tmux -L "shift$$" "$@"; }
at_end() {
	tmux kill-server 2>/dev/null
	[ -z "$serve" ] || kill "$serve" 2>/dev/null
}
ctl() { "$in_world" "$BUILD/vboard" ctl "$@" >/dev/null; }
scan() { tmux send-keys -l "$1" && tmux send-keys Enter; }
see() { # PATTERN WHAT: within 20 s
	i=0
	until tmux capture-pane -p | grep -q -e "$1"; do
		i=$((i + 1))
		[ $i -le 200 ] || { complain "no '$1' on the screen: $2"; tmux capture-pane -p; exit 1; }
		sleep 0.1
	done
}
# badge NUMBER: its text
badge() { station people add "$1" --name "P$1" --role operator --format text | grep -o 'BADGE\.[^ ]*'; }

first=$(badge 11) second=$(badge 12)
[ -n "$first" ] && [ -n "$second" ] || { complain "no badges"; exit 1; }
world_begin
for b in 1 2 3 4 5 6 7 8; do ctl unplug $b; done
serve_begin
tmux -f /dev/null -u new-session -d -x 132 -y 43 "$BUILD/station --conf $conf; echo status \$?; sleep 60"
see EMPTY "the slots"
scan AS-9999
see "nobody is logged in" "a scan of nobody"
scan "$first"
see P11 "a login"
: >"$tmp/done"
n=0 person=11
while [ $n -lt "$units" ]; do
	n=$((n + 1))
	slot=$((n % 8 + 1))
	if [ $((n % 10)) -eq 0 ]; then
		[ $person = 11 ] && { person=12; scan "$second"; } || { person=11; scan "$first"; }
		see "P$person" "a login change"
	fi
	case $((n % 12)) in
	3 | 9) kind=F verdict=FAIL ;;
	7) kind=S verdict=ERROR ;;
	*) kind=AS verdict=PASS ;;
	esac
	[ $n -le 8 ] || ctl unplug $slot 2>"$tmp/ctl" || grep -v "not plugged in" "$tmp/ctl" # a pulled one is out already
	sleep 0.2
	ctl plug $slot
	see "$slot  [^ ]* SCAN" "a board in slot $slot"
	scan $kind-$n
	see "$slot  [^ ]* [A-Z]*  $kind-$n" "its unit"
	if [ $kind = S ]; then
		see "RUNS  $kind-$n" "a slow one"
		ctl unplug $slot
	fi
	see "$verdict  $kind-$n" "its verdict"
	echo "$kind-$n $verdict P$person" >>"$tmp/done"
	if [ $kind = F ]; then # once more, without pulling it out
		sleep 0.5 # nobody is quicker, and the lane is being cleared
		scan $kind-$n
		see "Which slot\|RUNS  $kind-$n\|$verdict  $kind-$n  *try 2\|being tested" "a retest"
		tmux capture-pane -p | grep -q 'being tested' && {
			sleep 2
			scan $kind-$n
			see "Which slot\|RUNS  $kind-$n\|$verdict  $kind-$n  *try 2" "a retest, scanned again"
		}
		tmux capture-pane -p | grep -q 'Which slot' && {
			tmux send-keys F$slot
			sleep 0.6
			tmux send-keys F12
		}
		see "$verdict  $kind-$n  *try 2" "the verdict of a retest"
		echo "$kind-$n $verdict P$person" >>"$tmp/done"
	fi
	if [ $kind = AS ] && [ $((n % 5)) -eq 1 ]; then
		scan $kind-$n
		see "passed" "a unit that has passed"
	fi
done
kill $serve
wait $serve
serve=
station export 2>/dev/null | python3 -c 'import json, sys
for r in map(json.loads, sys.stdin):
    print(r["serial"], r["verdict"], "P" + r["operator"])' >"$tmp/recorded"
diff "$tmp/done" "$tmp/recorded" >"$tmp/diff" || { complain "the record (>) is not what was done (<)"; cat "$tmp/diff"; }
whole "after the shift"
finish "$units units, $(wc -l <"$tmp/done") runs through the screen: the record holds what was done"
