#!/bin/sh
# kill.sh -- kill -9 of the supervisor and of its workers at random moments, 200
# times: on two fixtures of two virtual boards and without boards, side by side.
# After each: the next start closes what was open as INTERRUPTED with what had
# been measured, a killed worker costs one ERROR, nobody is left behind, and the
# slots go on working. In the end each record is whole and holds every verdict
# that was told.
# KILL_SEED=N repeats a run, KILLS=N changes the number.
. tests/run/lib.sh
seed=${KILL_SEED:-$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')}
kills=${KILLS:-200}
# The search for leaks takes longer than a run; the other scripts do it.
ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0

write_files 4
for side in left right; do
	awk -v from=$([ $side = left ] && echo 1 || echo 3) '
		/^\[/ { keep = $1 != "[slot" || ($2 + 0 >= from && $2 + 0 < from + 2) }
		keep' "$tmp/fixture.ini" >"$tmp/fixture_$side.ini"
	sed "s/^fixture.*/fixture = fixture_$side.ini/; s/^data.*/data = var_$side/" "$conf" >"$tmp/$side.conf"
done
sed '/^fixture/d; s/^data .*/data = var_none/' "$conf" >"$tmp/none.conf"
plan boards.ini virtual-console <<'P'
[step os]
kind = os_version
accept = 24.06
[step pause]
kind = wait
for = 5 ms
[step id]
kind = console
send = id
expect = /^([0-9a-f]{16,128})\r?$/m
capture = text
[step gpio]
kind = gpio_loopback
pairs = 0-1, 2-3
[step release]
kind = console
send = gpio release
expect = /^gpio: /m
always = yes
P
{
	for i in 1 2 3 4 5 6; do
		printf '[step w%d]\nkind = wait\nfor = 5 ms\nlimit waited = >= 0.005 s\n' $i
	done
} | plan none.ini none
plan tcp.ini virtual-console <<'P'
[step tcp]
kind = throughput
protocol = tcp
direction = up
duration = 1 s
P

# begin EVENTS: a station run of this stream in the background, its pid is $pid.
begin() {
	if [ $stream = none ]; then
		"$BUILD/station" --conf "$conf" run "$tmp/none.ini" --unit N --json >"$1" 2>"$1.err" &
	else
		"$in_world" "$BUILD/station" --conf "$conf" run "$tmp/boards.ini" --all \
			--unit A --unit B --json >"$1" 2>"$1.err" &
	fi
	pid=$!
}

# clean EVENTS: a run that nobody disturbs passes on every slot.
clean() {
	begin "$1"
	wait $pid || {
		complain "$stream: a run that nobody disturbed ended with status $?"
		head -n 3 "$1.err"
		grep '"run_recorded"' "$1" | grep -v INTERRUPTED
	}
}

supervisor_killed() {
	kill -9 $pid 2>/dev/null
	wait $pid 2>/dev/null
	[ $? -ne 137 ] || n=$((n + 1)) # else it had ended before
	# Every second time the next start does not wait for the workers' end.
	[ "$patient" -eq 0 ] || nobody_left "$stream: kill $n of the supervisor"
}

worker_killed() {
	# A worker leads a group; other children (of a sanitizer) are none of ours. One that
	# has ended and is not yet reaped can be killed without harm: that is no kill.
	victim=$(ps -o pid=,pgid=,stat= --ppid $pid |
		awk -v pick="$pick" '$1 == $2 && $3 !~ /Z/ { a[n++] = $1 } END { if (n) print a[pick % n] }')
	if [ -n "$victim" ] && kill -9 "$victim" 2>/dev/null; then
		n=$((n + 1)) workers=$((workers + 1))
	fi
	wait $pid
	status=$?
	grep '"run_recorded"' "$events" | grep -v '"verdict":"INTERRUPTED"' >"$events.ended"
	runs=$(wc -l <"$events.ended")
	failed=$(grep -c '"verdict":"ERROR","blame":"station"' "$events.ended")
	passed=$(grep -c '"verdict":"PASS"' "$events.ended")
	errors=$((errors + failed))
	if [ "$runs" -ne $units ] || [ "$failed" -gt 1 ] || [ $((failed + passed)) -ne "$runs" ] ||
		[ $status -ne $((failed * 3)) ]; then
		complain "$stream: kill $n of worker $victim after $delay s: status $status, $runs runs, $failed ERROR, $passed PASS"
		cat "$events.ended" "$events.err"
	fi
}

# More than half of the killed workers had no verdict yet.
hits() { [ $errors -gt $((workers / 2)) ]; }

# stream NAME KILLS: its own record and slots. Ends with what it counted.
stream() {
	stream=$1 conf=$tmp/$1.conf
	units=2
	[ $stream != none ] || units=1
	mkdir "$tmp/$stream"
	ms=100000
	for i in 1 2 3; do # the fastest: on a busy machine a slow one hits nothing
		from=$(date +%s%3N)
		clean "$tmp/$stream/000$i"
		took=$(($(date +%s%3N) - from))
		[ $took -ge $ms ] || ms=$took
	done
	# What to kill and when: every third a worker.
	awk -v seed="$seed" -v n=$((6 * $2 + 100)) -v ms=$ms 'BEGIN {
		srand(seed)
		while (n--)
			printf "%s %.4f %d %d\n", rand() < 0.34 ? "worker" : "supervisor",
				rand() * 1.1 * ms / 1000, rand() * 1000, rand() < 0.5
	}' >"$tmp/$stream.todo"
	n=0 workers=0 errors=0 starts=0
	# Whether a worker that is killed had its verdict before is chance: of few kills no
	# share follows. So the stream goes on until the share can be told, at most to its end.
	until [ $n -ge "$2" ] && hits; do
		read -r whom delay pick patient || break
		starts=$((starts + 1))
		events=$tmp/$stream/$starts
		begin "$events"
		sleep "$delay"
		${whom}_killed
	done <"$tmp/$stream.todo"
	[ $n -ge "$2" ] || complain "$stream: only $n kills"
	hits || complain "$stream: $workers workers killed, only $errors verdicts ERROR"
	clean "$tmp/$stream/$((starts + 1))"
	nobody_left "$stream: after all kills"
	whole "$stream"
	station export >"$tmp/$stream.jsonl" 2>"$tmp/$stream.err" || complain "$stream: export failed"
	python3 tests/run/kill/told.py "$tmp/$stream.jsonl" "$tmp/$stream" >"$tmp/$stream.told" || {
		complain "$stream: what was told is not what is kept"
		cat "$tmp/$stream.told"
	}
	echo "$stream: $n kills, $workers of workers; $(tail -n 1 "$tmp/$stream.told")"
	return $bad
}

world_begin
none=$((kills * 2 / 5)) left=$((kills * 3 / 10))
for s in none:$none left:$left right:$((kills - none - left)); do
	(stream ${s%:*} ${s#*:}) >"$tmp/${s%:*}.said" 2>&1 &
	pids="$pids $!"
done
for p in $pids; do
	wait $p || bad=1
done
cat "$tmp/none.said" "$tmp/left.said" "$tmp/right.said"
echo "seed $seed"
# The next start closes the run with its reports also when it starts none itself.
sed 's/^formats.*/formats = text, html/; s/^data.*/data = var_late/' "$tmp/none.conf" >"$tmp/late.conf"
conf=$tmp/late.conf
sed 's/5 ms/20 s/' "$tmp/none.ini" >"$tmp/long.ini"
"$BUILD/station" --conf "$conf" run "$tmp/long.ini" --unit LATE --json >"$tmp/late" 2>&1 &
i=0
until grep -q step_started "$tmp/late" || [ $((i = i + 1)) -gt 250 ]; do sleep 0.02; done
kill -9 $!
wait $! 2>/dev/null
expect 2 "a start that is refused" station run "$tmp/nowhere.ini" --unit LATE
one_message "a start that is refused"
[ "$(ls "$tmp"/var_late/reports/*/LATE_* 2>/dev/null | wc -l)" -eq 2 ] ||
	complain "the interrupted run has no reports: $(ls -R "$tmp/var_late/reports" 2>&1 | tail -n 3)"

# In the middle of a throughput measurement, with a child of the worker and a
# server on the board: the same slot measures again at once.
conf=$tmp/left.conf
tcp() {
	"$in_world" "$BUILD/station" --conf "$conf" run "$tmp/tcp.ini" --slot 1 --unit "$1" --json >"$tmp/out" 2>"$tmp/err"
}
tcp killed &
sleep 0.4
for tries in 1 2 3 4 5 6 7 8 9 10; do
	pgrep -f "station --conf $conf" >"$tmp/pids"
	[ "$(wc -l <"$tmp/pids")" -lt 3 ] || break # supervisor, worker, libiperf
	sleep 0.1
done
[ "$(wc -l <"$tmp/pids")" -ge 3 ] || complain "no throughput child to kill the parents of"
sleep 0.3
kill -9 "$(pgrep -o -f "station --conf $conf")"
wait $! 2>/dev/null
nobody_left "killed while throughput is measured"
tcp again || { complain "throughput after the kill: status $?"; cat "$tmp/err"; grep -E 'recorded|step_ended' "$tmp/out"; }
has out '"unit":"killed".*"verdict":"INTERRUPTED"' "killed while throughput is measured"
whole "throughput"
world_end || complain "vboard ended with status $world_status"
finish "$kills kills or more with seed $seed: no verdict lost, nobody left behind"
