#!/bin/sh
# signals.sh -- a run that is stopped, cut off or shared: SIGINT and SIGTERM in the
# middle of a step, twice, while a step waits for a resource; standard output
# closed early; the USB cable pulled and put back; a resource that only one slot
# may use at a time. Verdict, exit status, the `always` step and the outputs.
. tests/run/lib.sh
write_files 2 'power = external'
printf '[resource rig]\ncount = 1\n' >>"$conf"
plan long.ini virtual-console <<'P'
[step drive]
kind = console
send = gpio drive 1 1
expect = /^gpio: 0003/m
[step long]
kind = wait
for = 20 s
limit waited = >= 1 s
[step after]
kind = console
send = id
expect = /^[0-9a-f]{16}/m
[step release]
kind = console
send = gpio release
expect = /^gpio: 0000/m
always = yes
P
plan shared.ini virtual-console <<'P'
[step shared]
kind = wait
for = 300 ms
uses = rig
limit waited = >= 0.3 s
[step os]
kind = os_version
accept = 24.06
P
sed 's/300 ms/20 s/' "$tmp/shared.ini" >"$tmp/hold.ini"
plan quick.ini virtual-console <<'P'
[step os]
kind = os_version
accept = 24.06
P
plan busy.ini virtual-console <<'P'
[step id]
kind = console
send = id
expect = /^never$/m
within = 20 s
P

world="$in_world $BUILD/station --conf $conf"
ctl() { "$in_world" "$BUILD/vboard" ctl "$@"; }

# begin PLAN ARGS...: in the background; its pid is $pid
begin() {
	p=$1
	shift
	: >"$tmp/out" # else the run before is looked at
	$world run "$tmp/$p.ini" --json "$@" >>"$tmp/out" 2>"$tmp/err" </dev/null &
	pid=$!
}
# until PATTERN [TIMES]: events hold it
until_event() {
	i=0
	until [ "$(grep -c "$1" "$tmp/out")" -ge "${2:-1}" ]; do
		i=$((i + 1))
		[ $i -lt 500 ] || { complain "no event '$1' within 10 s"; return 1; }
		sleep 0.02
	done
}
ends() { # STATUS WHAT MOST_MS
	from=$(date +%s%3N)
	wait $pid
	status=$?
	took=$(($(date +%s%3N) - from))
	[ $status -eq "$1" ] || { complain "$2: exit status $status, must be $1"; cat "$tmp/err"; grep recorded "$tmp/out"; }
	[ $took -le "${3:-8000}" ] || complain "$2: took $took ms to end"
}
ended() { # STEP: verdicts of its attempts
	sed -n "s/.*\"event\":\"step_ended\".*\"step\":\"$1\",.*\"verdict\":\"\([A-Z]*\)\".*/\1/p" "$tmp/out" | tr '\n' ' '
}
passes() { # WHAT SLOT: the next unit on this slot passes
	$world run "$tmp/quick.ini" --slot "$2" --unit NEXT >"$tmp/next" 2>&1 </dev/null ||
		{ complain "$1: the next unit on slot $2 does not pass"; cat "$tmp/next"; }
}
pins() { ctl get "$1" pins; }

world_begin
passes "first" 1
idle=$(pins 1)

for signo in INT TERM; do
	begin long --slot 1 --unit STOP
	until_event '"step_started".*"step":"long"'
	[ "$(pins 1)" != "$idle" ] || complain "SIG$signo: the step drives no pin, so nothing can be released"
	kill -$signo $pid
	ends 4 "SIG$signo"
	has out '"run_recorded".*"verdict":"ABORTED","blame":"operator"' "SIG$signo"
	[ "$(ended long)" = "ABORT " ] || complain "SIG$signo: the step ended as '$(ended long)'"
	[ -z "$(ended after)" ] || complain "SIG$signo: a step ran after the stop"
	[ "$(ended release)" = "PASS " ] || complain "SIG$signo: the always step ended as '$(ended release)'"
	[ "$(pins 1)" = "$idle" ] || complain "SIG$signo: outputs are $(pins 1), must be $idle"
	passes "SIG$signo" 1
done
station show STOP >"$tmp/out"
has out 'ABORTED' "show"

# Twice: `always` is not waited for either.
sed 's/^send = gpio release/send = nothing/; s/^expect = .*0000.*/expect = \/^never$\/m\nwithin = 30 s/' \
	"$tmp/long.ini" >"$tmp/stuck.ini"
begin stuck --slot 1 --unit TWICE
until_event '"step_started".*"step":"long"'
kill -INT $pid
until_event '"step_started".*"step":"release"'
kill -INT $pid
ends 4 "SIGINT twice" 4000
has out '"run_recorded".*"verdict":"ABORTED","blame":"operator"' "SIGINT twice"
passes "SIGINT twice" 1

# While one slot has the resource and the other waits for it.
begin hold --all --unit ONE --unit TWO
until_event '"step_waiting"'
kill -INT $pid
ends 4 "SIGINT while a step waits"
[ "$(grep -c '"run_recorded".*"verdict":"ABORTED","blame":"operator"' "$tmp/out")" -eq 2 ] ||
	complain "SIGINT while a step waits: not both ABORTED"

# The resource is used by one slot at a time.
begin shared --all --unit ONE --unit TWO
ends 0 "shared resource"
sed -n 's/.*"event":"step_\(started\|ended\)","at_ms":\([0-9]*\),"slot":"\([12]\)".*"step":"shared".*/\2 \1 \3/p' "$tmp/out" |
	awk '$2 == "started" { if (user) bad = 1; user = $3; n++ } $2 == "ended" { if (user != $3) bad = 1; user = 0 }
		END { exit bad || n != 2 }' || { complain "two slots used the resource at once"; grep '"shared"' "$tmp/out"; }

# Nobody reads the output any more.
$world run "$tmp/quick.ini" --slot 1 --unit HEAD --json 2>"$tmp/err" | head -n 1 >"$tmp/first"
$world run "$tmp/quick.ini" --slot 1 --unit HEAD2 2>>"$tmp/err" | head -n 1 >>"$tmp/first"
[ "$(wc -l <"$tmp/first")" -eq 2 ] || complain "output closed early: $(cat "$tmp/first")"
for u in HEAD HEAD2; do
	station show $u >"$tmp/out"
	has out 'PASS' "output closed early: $u"
done

# The cable is pulled in the middle of a step, and put back.
begin busy --slot 2 --unit PULLED
until_event '"event":"console".*id'
ctl unplug 2
ends 3 "cable pulled"
has out '"run_recorded".*"verdict":"ERROR","blame":"station"' "cable pulled"
has out '"step_ended".*"code":"ERR_GONE"' "cable pulled"
begin quick --slot 2 --unit OUT
ends 3 "cable still out"
has out '"run_recorded".*"verdict":"ERROR","blame":"station"' "cable still out"
ctl plug 2
passes "cable back" 2
begin busy --slot 2 --unit JERK
until_event '"event":"console".*id'
ctl replug 2 50
ends 3 "cable out and in"
has out '"run_recorded".*"verdict":"ERROR","blame":"station"' "cable out and in"
sleep 0.1
passes "cable out and in" 2

nobody_left "at the end"
whole "at the end"
world_end || complain "vboard ended with status $world_status"
finish "stopped once, twice and waiting, output closed, cable pulled, resource shared: all recorded, all released"
