#!/bin/sh
# virtual.sh -- the virtual boards tried through unmodified libftdi1 and libusb,
# and the program vboard itself. One line for each case; fails when one fails,
# hangs, or leaves a world behind. What libusb 1.0.26 leaks when a device goes is
# no fault of ours: leaks count in vboard, not in the clients.
BUILD=${BUILD:-build}
here=tests/virtual
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
bad=0
# For a build with sanitizers: freed memory would look like a leak.
export ASAN_OPTIONS=quarantine_size_mb=0
client_env=ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0
vboard() { timeout -k 5 120 "$BUILD/vboard" "$@"; }
client() { # SCENARIO CLIENT ARGS...
	scenario=$here/$1.ini name=$2
	shift 2
	vboard -f "$scenario" -- env $client_env "$BUILD/virtual/$name" "$@"
}
case_() { # NAME COMMAND...
	case=$1
	shift
	if "$@" >"$tmp/log" 2>&1; then
		echo "ok     $case: $(tail -n 1 "$tmp/log")"
	else
		echo "FAILED $case (exit $?)"
		cat "$tmp/log"
		bad=1
	fi
}
expect() { # TEXT COMMAND... : it prints just this
	want=$1
	shift
	got=$("$@" 2>&1)
	[ "$got" = "$want" ] && return
	printf 'got:\n%s\nnot:\n%s\n' "$got" "$want"
	return 1
}
status() { # STATUS COMMAND... : it ends like this
	want=$1
	shift
	"$@"
	got=$?
	[ $got -eq "$want" ] || { echo "exit $got, should be $want"; return 1; }
}

# The client outlives the program that runs it: its result comes by a file.
killed() {
	timeout -k 5 60 "$BUILD/vboard" -f $here/one.ini -- sh -c "
		env $client_env $BUILD/virtual/killed \$PPID >$tmp/killed.log 2>&1
		echo \$? >$tmp/killed.rc" 2>/dev/null
	[ $? -eq 137 ] || { echo "vboard was not killed"; return 1; }
	i=0
	while [ ! -s "$tmp/killed.rc" ] && [ $i -lt 300 ]; do sleep 0.1; i=$((i + 1)); done
	cat "$tmp/killed.log"
	[ "$(cat "$tmp/killed.rc")" = 0 ]
}

# The world of a killed program is removed by the next. Worlds of programs that
# live are locked and not counted.
no_world_left() {
	vboard -f $here/one.ini -- true
	for w in /tmp/vb.*; do
		[ -O "$w/lock" ] && flock -n "$w/lock" true && { echo "$w is left"; return 1; }
	done
	return 0
}

signals() {
	status 0 vboard -f $here/one.ini -- true &&
	status 7 vboard -f $here/one.ini -- sh -c 'exit 7' &&
	status 143 vboard -f $here/one.ini -- sh -c 'kill -TERM $$' &&
	status 127 vboard -f $here/one.ini -- no-such-command &&
	status 126 vboard -f $here/one.ini -- /etc/passwd &&
	status 2 vboard -f $here/no-such-file.ini -- true &&
	status 2 vboard &&
	status 42 vboard -f $here/one.ini -- sh -c '
		trap "exit 42" TERM; kill -TERM $PPID; while :; do sleep 0.05; done' &&
	status 143 vboard -f $here/one.ini -- sh -c "
		env -u LD_PRELOAD $BUILD/vboard ctl quit; while :; do sleep 0.05; done"
}

stays() {
	"$BUILD/vboard" -f $here/two.ini --control "$tmp/ctl" >"$tmp/env" &
	pid=$!
	i=0
	until grep -q '^# ready' "$tmp/env" || [ $i -gt 100 ]; do sleep 0.05; i=$((i + 1)); done
	(
		. "$tmp/env"
		env $client_env "$BUILD/virtual/paths"
		unset LD_PRELOAD
		"$BUILD/vboard" ctl plug 2 && "$BUILD/vboard" ctl list
		"$BUILD/vboard" ctl plug 2 && echo "plugged twice"
		"$BUILD/vboard" ctl get 1 heard
	) >"$tmp/stays" 2>&1
	kill -TERM $pid
	wait $pid || return 1
	[ ! -e "$tmp/ctl" ] && expect "1-1.1 0800 VB0001
1 1-1.1 echo VB0001 plugged
2 1-1.2 echo VB0002 plugged
vboard ctl: board 2 is plugged in already
0 heard, 0 bad, 0 lost" cat "$tmp/stays"
}

findings() {
	status 2 "$BUILD/vboard" --check $here/wrong.ini &&
	"$BUILD/vboard" --check $here/wrong.ini 2>&1 | sed 's/; there are.*//' |
		diff $here/wrong.txt - &&
	"$BUILD/vboard" --list faults | grep -q '^two_on_one_path ' &&
	"$BUILD/vboard" --list firmwares | grep -q '^firmware echo: '
}

# A whole recovery of a virtual MT3620, and what the board says of it afterwards.
recover() {
	"$BUILD/vboard" images "$tmp/images" --bytes 60000 --os 25.01 &&
	expect "running 25.01 1 recoveries, 0 bad frames" vboard -f $here/mt3620.ini -- sh -c "
		env $client_env '$BUILD/virtual/recover' 1-1.1 '$tmp/images' fast 1k >'$tmp/recover' 2>&1 || cat '$tmp/recover'
		unset LD_PRELOAD
		ask() { '$BUILD/vboard' ctl get 1 \$1; }
		i=0
		until [ \"\$(ask state)\" = running ] || [ \$i -gt 100 ]; do sleep 0.05; i=\$((i + 1)); done
		echo \"\$(ask state) \$(ask os) \$(ask recoveries) recoveries, \$(ask bad_frames) bad frames\"" &&
	tail -n 1 "$tmp/recover"
}

images() {
	status 0 "$BUILD/vboard" images "$tmp/a/set" --images 20 --bytes 30000 &&
	status 0 "$BUILD/vboard" images "$tmp/b" --images 20 --bytes 30000 &&
	diff -r "$tmp/a/set" "$tmp/b" && [ "$(ls "$tmp/b" | grep -c '^[0-9a-f]\{32\}\.bin$')" = 20 ] &&
	status 2 "$BUILD/vboard" images "$tmp/b" --images 13 &&
	status 2 "$BUILD/vboard" images "$tmp/b" --bytes 1e5 &&
	status 2 "$BUILD/vboard" images &&
	status 3 "$BUILD/vboard" images /dev/null/x
}

# The boards make their test CA in a folder beside their scenario.
rest() { # SCENARIO BYTES
	cp $here/$1.ini "$tmp" &&
		vboard -f "$tmp/$1.ini" -- env $client_env "$BUILD/virtual/mt3620" "$tmp/pki/ca.pem" "$2" 1-1 1-2 1-3
}

case_ basic client one basic
case_ basic-paced client one-paced basic
case_ paths expect "1-1.2 0800 OTHER
1-1.2 0800 VB0001
1-2 3600 VB0003
1-3 0800 VB0105
1-3 0800 X9
2-1.4.3.1 0800 -" client paths paths
case_ hotplug client two hotplug
case_ many client eight many 8 20
case_ stopped client two stopped
case_ churn client churn churn 200
case_ leak client one leak 500
case_ mt3620 rest mt3620-off 0
case_ mt3620-paced rest mt3620-paced 200000
case_ killed killed
case_ signals signals
case_ stays stays
case_ findings findings
case_ recover recover
case_ images images
case_ no-world-left no_world_left
exit $bad
