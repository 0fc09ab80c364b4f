#!/bin/sh
# hostile.sh -- units that lie: floods, false prompts, answers that come late or
# twice, escape sequences, restarts that never happen, pins that stay as they
# are. None of them passes, the unit is blamed and not the station, nothing takes
# longer than the plan allows, and no control character reaches the terminal.
# alone: answers are due within a second, of fifteen boards at once
. tests/run/lib.sh

# BEHAVIOUR VERDICT BLAME FIRST, one slot each.
cat >"$tmp/rows" <<'ROWS'
fine PASS - -
late FAIL unit os#
late_good FAIL unit os#2.version
late_bad PASS - -
endless_prompt FAIL unit os#
endless_prompt_after FAIL unit os#
flood FAIL unit os#
megabyte FAIL unit os#
escapes FAIL unit os#
spoof FAIL unit os#
two_answers FAIL unit os#
near FAIL unit os#
no_restart FAIL unit mac#
no_restart_told FAIL unit mac#
constant_pins FAIL unit gpio#
ROWS
write_files 0
slots=$(wc -l <"$tmp/rows")
n=0
while read -r how rest; do
	n=$((n + 1))
	printf '[board %d]\nusb = 1-1.%d\nserial = FXT%02d\nfirmware = bridge\nchannel_c = exec:python3 %s %s %d\n' \
		$n $n $n "$root/tests/run/hostile/board.py" "$how" $n >>"$tmp/world.ini"
	printf '[slot %d]\nusb = 1-1.%d\nftdi_serial = FXT%02d\n' $n $n $n >>"$tmp/fixture.ini"
done <"$tmp/rows"
sed 's/^boot_within.*/boot_within = 3 s/' fixtures/boards/virtual-console.ini >"$tmp/virtual-console.ini"
sed -i "s|^boards.*|boards = .|" "$conf"
printf '[run]\nsecond_look = 0\n' >>"$conf" # each board is ill by itself
plan plan.ini virtual-console <<'P'
[step os]
kind    = os_version
accept  = 24.06
within  = 1 s
retry   = 1
timeout = 6 s
[step mac]
kind     = mac_persistence
restarts = 1
timeout  = 15 s
[step gpio]
kind    = gpio_loopback
pairs   = 0-1, 2-3
timeout = 15 s
P

world_begin
set --
while read -r how rest; do set -- "$@" --unit "$how"; done <"$tmp/rows"
"$in_world" timeout -k 5 60 "$BUILD/station" --conf "$conf" run "$tmp/plan.ini" --all "$@" --json \
	>"$tmp/events" 2>"$tmp/err" </dev/null
n=0
while read -r how verdict blame first; do
	n=$((n + 1))
	got=$(sed -n "s/.*\"event\":\"run_recorded\".*\"slot\":\"$n\",.*\"verdict\":\"\([A-Z]*\)\",\"blame\":\"\([a-z-]*\)\",\"first_fail\":\(null\|\"\([^\"]*\)\"\).*/\1 \2 \4/p" "$tmp/events")
	[ "$first" = - ] && first=
	case $got in
	"$verdict $blame $first"*) ;;
	*)
		complain "$how: got '$got', must be '$verdict $blame $first'"
		grep "\"unit\":\"$how\"" "$tmp/events" | grep '"step_ended"' | tail -n 2
		;;
	esac
done <"$tmp/rows"
[ "$(wc -l <"$tmp/err")" -le $((2 * slots)) ] || complain "$(wc -l <"$tmp/err") lines of messages"
LC_ALL=C grep -q '[[:cntrl:]]' "$tmp/events" "$tmp/err" && complain "control characters in the output"
station show escapes >"$tmp/out" 2>&1
LC_ALL=C tr -d '\n' <"$tmp/out" | LC_ALL=C grep -q '[[:cntrl:]]' && complain "control characters in the record"
whole hostile
world_end
finish "$slots boards, none of them believed too much"
