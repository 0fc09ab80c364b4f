#!/bin/sh
# reader.sh -- who reads what `station run` tells: a pipe that nobody empties, a
# terminal, one that goes away. The runs go on, each verdict is recorded, and
# counts as shown only when it was taken.
. tests/run/lib.sh
printf '[station]\nid = ST-T\ndata = var\n[reports]\nformats =\n' >"$conf"
{
	i=0
	while [ $i -lt 250 ]; do
		i=$((i + 1))
		printf '[step s%d]\nkind = wait\nfor = 2 ms\nlimit waited = >= 0.002 s\n' $i
	done
} | plan long.ini none

# How many verdicts count as shown.
shown() { sqlite3 "$tmp/var/station.db" "SELECT count(*) FROM shown"; }

# Runs until the pipe is full several times over; nobody reads.
mkfifo "$tmp/pipe"
sleep 100 <"$tmp/pipe" &
sleeper=$!
"$BUILD/station" --conf "$conf" run "$tmp/long.ini" --unit A --json >"$tmp/pipe" 2>"$tmp/err" &
pid=$!
units=0
i=0
until station list units 2>/dev/null | grep -q 'A.*PASS'; do
	i=$((i + 1))
	[ $i -le 100 ] || { complain "a pipe that nobody reads holds the run up"; break; }
	sleep 0.1
done
sleep 0.2
kill -0 $pid 2>/dev/null || complain "it did not wait for its reader"
[ "$(shown)" = 0 ] || complain "a verdict counts as shown that nobody has read"
kill $pid
i=0
while kill -0 $pid 2>/dev/null; do
	i=$((i + 1))
	[ $i -le 50 ] || { complain "SIGTERM does not end the wait for the reader"; kill -9 $pid; }
	sleep 0.1
done
wait $pid
status=$?
[ $status -eq 3 ] || complain "what could not be told is no success: status $status"
kill $sleeper
wait $sleeper 2>/dev/null

# A slow reader gets all of it.
( station run "$tmp/long.ini" --unit B --json; echo $? >"$tmp/status" ) | { sleep 2; cat >"$tmp/events"; }
[ "$(cat "$tmp/status")" = 0 ] || complain "slow reader: exit status $(cat "$tmp/status")"
[ "$(grep -c '"step_ended"' "$tmp/events")" -eq 250 ] || complain "slow reader: $(wc -l <"$tmp/events") lines"
has events '"event":"run_recorded"' "slow reader"
[ "$(shown)" = 1 ] || complain "a verdict that was read does not count as shown"

# One that goes away.
( station run "$tmp/long.ini" --unit C --json 2>"$tmp/err"; echo $? >"$tmp/status" ) | head -n 1 >/dev/null
[ "$(cat "$tmp/status")" = 3 ] || complain "reader gone: exit status $(cat "$tmp/status")"
one_message "reader gone"
[ "$(shown)" = 1 ] || complain "a verdict counts as shown that nobody could read"

# Two slots ask at once: both are answered, each its own question.
plan ask.ini none <<'P'
[step q]
kind = prompt
text = Is it on?
within = 10 s
P
printf '[fixture]\nid = FX\nboard = none\n[channel console]\nport = C\nline = 115200 8N1\n[slot 1]\nusb = 1-1.1\n[slot 2]\nusb = 1-1.2\n' >"$tmp/fixture.ini"
python3 tests/run/reader/ask.py 0.3:pass 0.3:fail -- "$BUILD/station" --conf "$conf" run "$tmp/ask.ini" \
	--fixture "$tmp/fixture.ini" --all --unit D --unit E >"$tmp/screen"
[ $? -eq 1 ] || { complain "two questions: exit status $?, must be 1"; tail -n 4 "$tmp/screen"; }
station list units >"$tmp/out"
# Which of the two asks first is chance; one is answered "pass", the other "fail".
grep -E ' [DE] ' "$tmp/out" | grep -c PASS >"$tmp/passed"
grep -E ' [DE] ' "$tmp/out" | grep -c FAIL >"$tmp/failed"
has passed '^1$' "two questions"
has failed '^1$' "two questions"
whole reader
finish "runs do not wait for their readers"
