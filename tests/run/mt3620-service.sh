#!/bin/sh
# mt3620-service.sh -- the service link and the test application on virtual MT3620
# boards, through libftdi1 and libusb: every operation, two boards with one address at
# once, each fault of tests/run/faults-mt3620.tsv that strikes there, a noisy line, a
# station that is killed in the middle of a call.
# Parts: good same_mac noise kills faults[=PATTERN] rest; without any, all of them, in
# three worlds side by side: most of their time is waits.
# alone: waits are a seventh of a station's
. tests/run/lib.sh

if [ $# -eq 0 ]; then
	for parts in faults 'rest kills' 'good same_mac noise'; do
		"$0" $parts >"$tmp/${parts%% *}.log" 2>&1 &
		parts_at="$parts_at $!"
	done
	for p in $parts_at; do wait "$p" || bad=1; done
	cat "$tmp"/*.log
	[ $bad -ne 0 ] || echo "the service link of good, faulty and noisy boards"
	exit $bad
fi

# The station's iperf3 servers are 50 behind the ports of the test applications; the boards' own
# times are a fiftieth.
TMPDIR=$tmp/tmp
mkdir "$TMPDIR"
export TMPDIR
mt3620_files
"$BUILD/vboard" pki "$tmp/other" >/dev/null || exit 1
cat >"$conf" <<EOF
[station]
id = ST-T
fixture = fixture.ini
boards = boards
data = var
[reports]
formats =
; each board speaks for itself here, also where several fail alike
[run]
second_look = 0
EOF
cat >"$tmp/plan.ini" <<'EOF'
[plan]
title = service
revision = 1
board = rdb
product = T
process = FCT
[step os]
kind = os_version
accept = 24.06
within = 6 s
[step device]
kind = device_id
within = 6 s
limit device_id = matches /^(?!f+$)(?!0+$)[0-9a-f]{128}$/
[step mac]
kind = mac_persistence
within = 6 s
[step gpio]
kind = gpio_loopback
pairs = 59-0, 56-1, 58-2, 57-3, 60-4
timeout = 20 s
[step tcp]
kind = throughput
role = server
duration = 1 s
rtt = 2 ms
limit rate = >= 2 Mbit/s
[step udp]
kind = throughput
role = server
protocol = udp
rate = 1 Mbit/s
duration = 2 s
limit rate = >= 0.3 Mbit/s
limit loss = <= 40 %
[step wifi]
kind = wifi
ssid = line
psk = 12345678
online = yes
within = 5 s
[step ready]
kind = ready
state = Blank
accept = 24.06
within = 6 s
[step final]
kind = manufacturing_state
confirm = yes
[step complete]
kind = ready
checks = state, capabilities
EOF

world_new() {
	printf '[world]\npace = real\nseed = %s\n' "$1" >"$tmp/world.ini"
	printf '[fixture]\nid = FX-T\nboard = rdb\nftdi_product = MSFT MT3620 Std Interface\n' >"$tmp/fixture.ini"
	sed -n '/^\[channel/,$p' "$root/fixtures/mt3620-rdb.ini" >>"$tmp/fixture.ini"
	boards=0
}

# board_add [KEY-LINE...]: a board in the world, and a slot for it
board_add() {
	boards=$((boards + 1))
	printf '[slot %d]\nusb = 1-1.%d\nnetwork = 127.0.0.1:%d\n' $boards $boards $((ports + 50 + boards)) >>"$tmp/fixture.ini"
	{
		printf '[board %d]\nusb = 1-1.%d\nserial = AST%d\nfirmware = mt3620\ntime_factor = 0.02\n' $boards $boards $boards
		printf 'anchor = %s\nloopback = 59-0, 56-1, 58-2, 57-3, 60-4\n' "$tmp/pki"
		printf 'wifi_ssid = line\nwifi_psk = 12345678\n'
		printf 'app_station = 127.0.0.1:%d\n' $((ports + boards))
		[ $# -eq 0 ] || printf '%s\n' "$@"
	} >>"$tmp/world.ini"
}

run() { # UNIT...
	units=
	for u in "$@"; do units="$units --unit $u"; done
	timeout -k 5 200 "$in_world" "$BUILD/station" --conf "$conf" run "$tmp/plan.ini" --all $units --json \
		>"$tmp/events" 2>"$tmp/errors"
}

# got SLOT: "VERDICT blame first_fail"
got() {
	sed -n "s/.*\"event\":\"run_recorded\".*\"slot\":\"$1\",.*\"verdict\":\"\([A-Z]*\)\",\"blame\":\"\([a-z-]*\)\",\"first_fail\":\(null\|\"\([^\"]*\)\"\).*/\1 \2 \4/p" "$tmp/events"
}

should() { # SLOT WHAT EXPECTED-BEGIN
	is=$(got "$1")
	case $is in
	"$3"*) ;;
	*)
		complain "$2: got '$is', must be '$3'"
		grep "\"slot\":\"$1\"" "$tmp/events" | grep '"step_ended"' | grep -v '"verdict":"PASS"' | tail -n 1 | cut -c1-600
		head -n 3 "$tmp/errors"
		;;
	esac
}

# `station check` takes the round trip that these runs measured in place of the plan's: with
# the plan's 2 ms a window of 16 KiB allows 65.5 Mbit/s.
measured_rtt() {
	sed '/^\[step tcp\]/,/^limit/s/>= 2 Mbit/>= 60000 Mbit/' "$tmp/plan.ini" >"$tmp/fast.ini"
	median=$(grep -o '"measure":"rtt","value":[0-9.]*' "$tmp/events" | sed 's/.*://' | sort -n |
		awk '{ v[NR] = $1 } END { printf "%.3g", (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }')
	"$BUILD/station" --conf "$conf" check "$tmp/fast.ini" >"$tmp/check"
	grep -q "the floor of 60000 Mbit/s cannot be met: .* of $median ms (measured, median of the last 4 runs)" "$tmp/check" ||
		complain "check does not tell the round trip of $median ms that four runs measured: $(cat "$tmp/check")"
	sed 's/^data = .*/data = other/' "$conf" >"$tmp/other.conf"
	"$BUILD/station" --conf "$tmp/other.conf" check "$tmp/fast.ini" >"$tmp/check"
	grep -q "round trip of 2 ms (the plan's 'rtt') give at most 65.5 Mbit/s" "$tmp/check" ||
		complain "check without a record does not take the plan's round trip: $(cat "$tmp/check")"
}

# One world of good boards, four stations' worth of slots side by side, all at 192.168.35.2.
good() {
	world_new 5
	board_add
	board_add 'made = Blank'
	board_add 'board_config = no'
	board_add 'fault = old_api 4.4.0'
	world_begin
	# A library that is missing here is named, and is not the unit's fault.
	mkdir "$tmp/lib" && : >"$tmp/lib/libcurl.so.4"
	LD_LIBRARY_PATH=$tmp/lib timeout -k 5 60 "$in_world" "$BUILD/station" --conf "$conf" run "$tmp/plan.ini" \
		--slot 1 --unit G0 --only device --json >"$tmp/events" 2>"$tmp/errors"
	should 1 "no libcurl" "ERROR station device#1:ERR_LIBRARY"
	grep -q 'libcurl.so.4 is for REST calls to an MT3620, .* package libcurl4' "$tmp/events" ||
		complain "no libcurl: the message does not name it"
	# Alone, the step that cannot be undone is refused: nothing passed before it.
	timeout -k 5 60 "$in_world" "$BUILD/station" --conf "$conf" run "$tmp/plan.ini" --slot 1 --unit G0 \
		--only final --json >"$tmp/events" 2>"$tmp/errors"
	should 1 "a final step alone" "ERROR plan final#1:ERR_PLAN"
	run G1 G2 G3 G4
	for i in 1 2 3 4; do should $i "a good board" "PASS - "; done
	[ "$(grep -o '"measure":"mac","value":"[^"]*"' "$tmp/events" | sort -u | wc -l)" -eq 4 ] ||
		complain "four boards at one address have fewer than four MAC addresses"
	measured_rtt
	# Again: they are finalised now, and what is locked is an error of the plan.
	run G1 G2 G3 G4
	for i in 1 2 3; do should $i "a finalised board" "ERROR plan mac#1:ERR_FINAL"; done
	world_end || complain "the virtual boards did not end well"
	[ -z "$(ls "$TMPDIR")" ] || complain "left behind: $(ls "$TMPDIR")"
}

# Two units with one address: the second one to be tested fails.
same_mac() {
	world_new 6
	board_add
	board_add 'fault = mac_same_as 1'
	world_begin
	sed '/^\[step gpio\]/,$d' "$tmp/plan.ini" >"$tmp/mac.ini"
	for i in 1 2; do
		timeout -k 5 60 "$in_world" "$BUILD/station" --conf "$conf" run "$tmp/mac.ini" --slot $i --unit S$i \
			--json >"$tmp/events" 2>"$tmp/errors"
		[ $i -eq 1 ] && should 1 "the first unit" "PASS - " || should 2 "its address again" "FAIL unit mac#1.unique"
	done
	world_end || complain "the virtual boards did not end well"
}

# Damaged packets at the rate that one wrong bit in 10,000 gives: it passes or is a
# named error, and never hangs. A few are repaired, mostly; whatever is not is the line's,
# never the unit's.
noise() {
	world_new 7
	board_add 'fault = slip_corrupt 2 %'
	board_add 'fault = slip_loss 2 %'
	board_add 'fault = slip_corrupt 20 %'
	board_add 'fault = slip_loss 10 %'
	board_add 'fault = slip_loss 50 %'
	world_begin
	run N1 N2 N3 N4 N5
	for i in 1 2 3; do
		case $(got $i) in
		'PASS - '* | 'ERROR station '*:ERR_LINE) ;;
		*) should $i "a line with some noise" "PASS - " ;;
		esac
	done
	# The row of slip_loss in the table: how far the plan comes is chance. Of so few packets
	# as where half are lost, it may take all of one kind: then nobody knows.
	case $(got 4) in
	'ERROR station '*:ERR_LINE) ;;
	*) should 4 "slip_loss 10 %" "ERROR station os#1:ERR_LINE" ;;
	esac
	case $(got 5) in
	'ERROR station '*:ERR_LINE | 'ERROR open '*:ERR_SILENT) ;;
	*) should 5 "a line that loses half" "ERROR station os#1:ERR_LINE" ;;
	esac
	world_end || complain "the virtual boards did not end well"
}

# A worker is killed in the middle of a call: its socket's folder is cleared by the next
# run, and the board is as it was. Another one is stopped and goes on too late to hear an
# answer: that is no fault of the unit.
kills() {
	world_new 8
	board_add 'fault = rest_hangs'
	board_add
	board_add 'fault = rest_hangs'
	world_begin
	mkdir "$tmp/tmp3"
	worker_of 1 "$TMPDIR"
	[ -n "$worker" ] || complain "nobody holds the folder of the socket"
	[ "$(stat -c %a "$TMPDIR"/station-mt3620.*)" = 700 ] || complain "the folder is open to others"
	for p in $worker; do kill -9 "$p"; done
	wait $waiter
	worker_of 3 "$tmp/tmp3"
	for p in $worker; do kill -STOP "$p"; done
	timeout -k 5 60 "$in_world" "$BUILD/station" --conf "$conf" run "$tmp/plan.ini" --slot 2 --unit K2 \
		--json >"$tmp/events.2" 2>"$tmp/errors" &
	good=$!
	sleep 3
	for p in $worker; do kill -CONT "$p"; done
	wait $waiter $good
	cat "$tmp/events.1" "$tmp/events.2" "$tmp/events.3" >"$tmp/events"
	should 1 "a killed worker" "ERROR station os#1:ERR_WORKER"
	should 2 "after a kill" "PASS - "
	should 3 "a stopped worker" "ERROR station os#1:ERR_LATE"
	[ -z "$(ls "$TMPDIR")" ] || complain "left behind: $(ls "$TMPDIR")"
	world_end || complain "the virtual boards did not end well"
}

# worker_of SLOT FOLDER: a run of this slot in the background, $waiter; its worker is in
# $worker once it is in the middle of a call, which has the time that a slow machine needs.
worker_of() {
	mkdir -p "$tmp/patient/boards"
	sed 's/^patience = .*/patience = 0.25/; s/= \.\./= ..\/../' "$tmp/boards/rdb.ini" >"$tmp/patient/boards/rdb.ini"
	cp "$conf" "$tmp/fixture.ini" "$tmp/patient"
	sed 's/^within = 6 s/within = 20 s/' "$tmp/plan.ini" >"$tmp/patient/plan.ini"
	TMPDIR=$2 timeout -k 5 60 "$in_world" "$BUILD/station" --conf "$tmp/patient/station.conf" run \
		"$tmp/patient/plan.ini" --slot "$1" --unit "K$1" --json >"$tmp/events.$1" 2>"$tmp/errors" &
	waiter=$!
	i=0
	until ls -d "$2"/station-mt3620.* >/dev/null 2>&1 || [ $i -gt 200 ]; do
		i=$((i + 1))
		sleep 0.02
	done
	sleep 0.3
	worker=$(lsof_folder "$2")
}

# Processes that have a socket's folder open below this one.
lsof_folder() {
	for p in /proc/[0-9]*; do
		ls -l "$p/fd" 2>/dev/null | grep -q "$1/station-mt3620" && echo "${p#/proc/}"
	done
}

# Rows of the table whose faults are not those of a recovery, some boards at a time. That
# of slip_loss is in noise(): chance decides which step it strikes.
tab=$(printf '\t')
of_service='$4 !~ /^recovery#|^:/ && $1 !~ /^(usb_unplug [0-9]|recovery_|rate_|needs_second|mac_not_new|mac_constant|mac_same_as|slip_loss)/'
faults() {
	grep -v '^#' tests/run/faults-mt3620.tsv | awk -F'\t' "$of_service" >"$tmp/rows"
	[ -z "$1" ] || grep -E "$1" "$tmp/rows" >"$tmp/rows.some"
	[ -z "$1" ] || mv "$tmp/rows.some" "$tmp/rows"
	total=$(wc -l <"$tmp/rows")
	from=1
	while [ $from -le "$total" ]; do
		sed -n "$from,$((from + 20))p" "$tmp/rows" >"$tmp/batch"
		world_new $from
		units=
		while IFS="$tab" read -r fault verdict blame first; do
			line=
			[ "$fault" = none ] || line="fault = $fault"
			case $fault in # told by its images, which are those of no release
			old_api*) board_add "$line" 'os = 19.02' ;;
			*) board_add ${line:+"$line"} ;;
			esac
			units="$units $(echo "$fault" | tr ' %/' '___')_$from"
		done <"$tmp/batch"
		world_begin
		run $units
		said_once "$tmp/events"
		n=0
		while IFS="$tab" read -r fault verdict blame first; do
			n=$((n + 1))
			should $n "$fault" "$verdict $blame $first"
		done <"$tmp/batch"
		world_end || complain "the virtual boards did not end well"
		from=$((from + 21))
	done
	echo "$name: $total faults"
}

# The rows that need a recovery and more: what sits at a slot, what a recovery leaves.
rest() {
	grep -v '^#' tests/run/faults-mt3620.tsv | awk -F'\t' '!($4 ~ /^recovery#1/ || $1 ~ /^(none|needs_second|rate_|recovery_noise)/) &&
		!('"$of_service"') && $1 !~ /^(mac_same_as|slip_loss)/' >"$tmp/rows"
	world_new 9
	cp "$tmp/plan.ini" "$tmp/plan.kept"
	sed '/^\[step os\]/,$d' "$tmp/plan.kept" >"$tmp/plan.ini"
	cat >>"$tmp/plan.ini" <<-E
		[step recovery]
		kind = recovery
		images = $tmp/images
		timeout = 60 s
		[step os]
		kind = os_version
		accept = 24.06
		within = 6 s
		[step mac]
		kind = mac_persistence
		within = 6 s
		recovery = new
		images = $tmp/images
		timeout = 60 s
	E
	units=
	while IFS="$tab" read -r fault verdict blame first; do
		case $fault in # shows at the next plain reset, which this one needs
		recovery_line_high) fault="$fault, needs_second_reset" ;;
		esac
		board_add "fault = $fault"
		units="$units --slot $boards --unit R$boards"
	done <"$tmp/rows"
	sed -i 's/^usb = 1-1.\(.*\)$/&\nftdi_serial = AST\1/' "$tmp/fixture.ini"
	board_add 'fault = mac_constant' # its address is that of the other one
	world_begin
	timeout -k 5 200 "$in_world" "$BUILD/station" --conf "$conf" run "$tmp/plan.ini" $units \
		--slot $boards --unit R$boards --json >"$tmp/events" 2>"$tmp/errors"
	n=0
	while IFS="$tab" read -r fault verdict blame first; do
		n=$((n + 1))
		should $n "$fault" "$verdict $blame $(echo "$first" | sed "s/^:/recovery#1:/")"
	done <"$tmp/rows"
	# It is not new after the recovery either; both must be told, the other one of him who
	# came to it later.
	should $boards "the second with a constant address" "FAIL unit mac#1"
	has events "\"measure\":\"unique\",\"value\":false" "two with a constant address"
	world_end || complain "the virtual boards did not end well"
	mv "$tmp/plan.kept" "$tmp/plan.ini"
	echo "$name: $n faults more"
}

for part in "$@"; do
	case $part in faults=*) faults "${part#faults=}" ;; *) $part ;; esac
done
exit $bad
