#!/bin/sh
# alike.sh -- the second look: what several slots show at once blames the station, once for
# each unit; what one shows, or each in its own way, blames the unit. Four virtual boards.
. tests/run/lib.sh

write_files 4
plan os.ini virtual-console <<EOF
[step os]
kind   = os_version
accept = 24.06
[step gpio]
kind  = gpio_loopback
pairs = 0-1, 2-3, 4-5, 6-7
EOF
plan net.ini virtual-console <<EOF
[step net]
kind      = throughput
protocol  = tcp
direction = up
duration  = 1 s
connect   = 2 s
timeout   = 20 s
limit rate = >= 1 Mbit/s
EOF
cp "$tmp/world.ini" "$tmp/good.ini"

# boards FAULT...: a world in which board N has the Nth fault; "-": none.
boards() {
	world_end
	awk -v faults="$(IFS='|'; echo "$*")" '
		BEGIN { split(faults, f, "|") }
		{ print }
		/^\[board / { n++; if (f[n] != "-") print "fault = " f[n] }' "$tmp/good.ini" >"$tmp/world.ini"
	world_begin
}

# run STATUS WHAT PLAN PREFIX: all four slots at once, units PREFIX-1 ... PREFIX-4.
run() {
	expect "$1" "$2" "$in_world" "$BUILD/station" --conf "$conf" run "$tmp/$3" --all --json \
		--unit "$4-1" --unit "$4-2" --unit "$4-3" --unit "$4-4"
	cp "$tmp/out" "$tmp/events"
	what=$2
}

# slot N VERDICT BLAME FIRST: what was recorded of it
slot() {
	got=$(sed -n "s/.*\"event\":\"run_recorded\".*\"slot\":\"$1\",.*\"verdict\":\"\([A-Z]*\)\",\"blame\":\"\([a-z-]*\)\",\"first_fail\":\(null\|\"\([^\"]*\)\"\).*/\1 \2 \4/p" "$tmp/events")
	[ "$got" = "$2 $3 $4" ] || complain "$what: slot $1: '$got', must be '$2 $3 $4'"
}

# All four: the station is looked at, and the message says what all showed.
boards 'wrong_os 24.03' 'wrong_os 24.03' 'wrong_os 24.03' 'wrong_os 24.03'
run 3 "all alike" os.ini A
for n in 1 2 3 4; do
	slot $n ERROR station os#1:ERR_ALIKE
done
grep -q '"message":"second look: 4 slots failed alike at once (1, 2, 3, 4): version is 24.03, must be one of 24.06"' "$tmp/events" ||
	{ complain "all alike: the message does not say which slots showed what"; grep step_ended "$tmp/events"; }
for format in text json html junit; do
	expect 0 "report" station report A-2 --format $format
	tr -s ' \n' ' ' <"$tmp/out" | grep -q 'second look: 4 slots failed alike at once (1, 2, 3, 4): version' ||
		complain "the $format report does not ask for a second look"
done
# Tested again they fail just so: that is the units' own, and nothing is hidden.
run 1 "the second look" os.ini A
for n in 1 2 3 4; do
	slot $n FAIL unit os#1.version
done
expect 0 "report" station report A-2 --format text
grep -q 'second look, after several slots failed alike' "$tmp/out" ||
	complain "the record of the second look does not say what it is"
# The third time a unit is one like others again, but never a pass.
expect 0 "yield" station yield
grep -Eq 'ERR_ALIKE' "$tmp/out" || complain "yield does not list the second looks: $(cat "$tmp/out")"
expect 0 "yield as JSON" station yield --json
grep -q '"units":4,.*"first_pass":0' "$tmp/out" ||
	complain "yield: four units with no first pass expected: $(cat "$tmp/out")"

# Mended in between: the second look passes, and the first one is no failure of the unit.
boards 'wrong_os 24.03' 'wrong_os 24.03' 'wrong_os 24.03' -
run 3 "three of four" os.ini B
for n in 1 2 3; do
	slot $n ERROR station os#1:ERR_ALIKE
done
slot 4 PASS - ''
boards - - - -
expect 0 "B-1 after the station was mended" "$in_world" "$BUILD/station" --conf "$conf" \
	run "$tmp/os.ini" --slot 1 --unit B-1
expect 0 "its attempts" station show B-1
grep -q 'PASS' "$tmp/out" || complain "B-1 did not pass its second look"

# Two of four, four in four ways, and the same fault with different values: the units'.
boards 'wrong_os 24.03' 'wrong_os 24.03' - -
run 1 "two of four" os.ini C
slot 1 FAIL unit os#1.version
slot 2 FAIL unit os#1.version
slot 3 PASS - ''
slot 4 PASS - ''
boards 'wrong_os 24.03' 'gpio_short 1-2' 'gpio_open 4-5' empty_os
run 1 "each in its own way" os.ini D
slot 1 FAIL unit os#1.version
slot 2 FAIL unit gpio#1.shorts
slot 3 FAIL unit gpio#1.opens
slot 4 FAIL unit os#1:ERR_PROTO
boards 'wrong_os 24.03' 'wrong_os 24.01' 'wrong_os 23.05' 'wrong_os 22.02'
run 1 "four wrong versions" os.ini E
for n in 1 2 3 4; do
	slot $n FAIL unit os#1.version
done

# One who cannot be alike with anybody is not kept waiting for it.
boards 'wrong_os 24.03' - - -
expect 1 "alone" "$in_world" "$BUILD/station" --conf "$conf" run "$tmp/os.ini" --slot 1 --unit F-1 --json
ms=$(sed -n 's/.*"event":"run_recorded".*"duration_ms":\([0-9]*\),.*/\1/p' "$tmp/out")
[ "${ms:-9999}" -lt 1500 ] || complain "alone: the verdict took $ms ms"

# A peer that is dead for all is the station's as it is for one; each code stays.
boards peer_refuses peer_refuses peer_refuses peer_refuses
run 3 "dead peer" net.ini G
for n in 1 2 3 4; do
	slot $n ERROR station net#1:ERR_PEER_REFUSED
done

# Switched off, or not for this mode.
boards 'wrong_os 24.03' 'wrong_os 24.03' 'wrong_os 24.03' 'wrong_os 24.03'
printf '[run]\nsecond_look = 0\n' >>"$conf"
run 1 "switched off" os.ini H
for n in 1 2 3 4; do
	slot $n FAIL unit os#1.version
done
expect 0 "verify" station verify
world_end
[ $bad -eq 0 ] && echo "the second look: all alike, some alike, none alike, tested again"
exit $bad
