# lib.sh -- what the runs of the whole program share; read with `.`, not run.
#
# A world is one vboard in the background; `$in_world COMMAND` runs in it. All
# files are below $tmp. At the end everything goes, also after a failure.
BUILD=${BUILD:-build}
case $BUILD in /*) ;; *) BUILD=$PWD/$BUILD ;; esac
ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0"
export BUILD ASAN_OPTIONS
name=${0##*/}
name=${name%.sh}
root=$PWD
bad=0
world_pid=
tmp=$(mktemp -d) || exit 1
conf=$tmp/station.conf

# complain TEXT: the run has failed, and goes on.
complain() { echo "$name: $*"; bad=1; }

at_end() { :; } # a script may say more
lib_end() {
	at_end
	world_end
	# What a sanitizer says goes where the program's messages go.
	lib_status=0
	case $BUILD in
	*-asan)
		grep -rhE -A 12 'ERROR: [A-Za-z]*Sanitizer|runtime error:' "$tmp" && lib_status=99
		;;
	esac
	rm -rf "$tmp"
	[ $lib_status -eq 0 ] || exit $lib_status
}
trap lib_end EXIT
trap 'exit 130' INT TERM HUP

station() { "$BUILD/station" --conf "$conf" "$@"; }

# TCP ports are taken, not chosen: 100 of them from $ports on are of this run alone, also
# beside another run of the same script, while the lock on descriptor 9 is held, which the
# children of this run inherit. All are below those that a connection may get (32768).
ports=
ports_take() {
	for block in $(seq 0 119); do
		exec 9>>"${TMPDIR:-/tmp}/station-ports.$(id -u).$block" || exit 1
		flock -n 9 && { ports=$((20000 + block * 100)); return; }
	done
	echo "$name: no block of ports is free"
	exit 1
}
ports_take

# write_files SLOTS [LINE ...]: world.ini, fixture.ini and station.conf with so many
# boards; the lines go to each board. The boards' networks begin at $ports + 1.
write_files() {
	slots=$1 port=$ports
	shift
	printf '[world]\npace = off\nseed = 3\n' >"$tmp/world.ini"
	{
		printf '[fixture]\nid = FX-T\nboard = virtual-console\n'
		printf '[channel console]\nport = C\nline = 115200 8N1\nlatency = 2 ms\nevent_char = 0x0A\n'
	} >"$tmp/fixture.ini"
	i=0
	while [ $i -lt "$slots" ]; do
		i=$((i + 1))
		{
			printf '[board %d]\nusb = 1-1.%d\nserial = FXT%02d\nfirmware = console\nos = 24.06\n' $i $i $i
			printf 'boot_time = 100 ms\nloopback = 0-1, 2-3, 4-5, 6-7\nnet = 127.0.0.1:%d\n' $((port + i))
			[ $# -eq 0 ] || printf '%s\n' "$@"
		} >>"$tmp/world.ini"
		printf '[slot %d]\nusb = 1-1.%d\nftdi_serial = FXT%02d\nboard_network = 127.0.0.1:%d\n' \
			$i $i $i $((port + i)) >>"$tmp/fixture.ini"
	done
	cat >"$conf" <<EOF
[station]
id = ST-T
fixture = fixture.ini
boards = $root/fixtures/boards
data = var
[reports]
formats = ${formats-}
EOF
}

# plan FILE BOARD, steps on standard input: a plan of product T.
plan() {
	{
		printf '[plan]\ntitle = %s\nrevision = 1\nboard = %s\nproduct = T\nprocess = FCT\n' "$name" "$2"
		cat
	} >"$tmp/$1"
}

# mt3620_files: what virtual MT3620 boards and their station need: pki/, images/, app.image,
# config.image, and boards/rdb.ini. Waits of the station are a seventh: one call longer than the
# 3 s after which the boards' lwIP sends a lost packet again. Test applications connect to $ports
# and the number of the slot.
mt3620_files() {
	"$BUILD/vboard" pki "$tmp/pki" >/dev/null &&
		"$BUILD/vboard" image app "$tmp/app.image" >/dev/null &&
		"$BUILD/vboard" image board-config "$tmp/config.image" >/dev/null &&
		"$BUILD/vboard" images "$tmp/images" --bytes 150000 >/dev/null &&
		mkdir "$tmp/boards" || exit 1
	cat >"$tmp/boards/rdb.ini" <<EOF
[board]
family = mt3620
patience = 0.15
trust = ../pki/ca.pem
versions = ../images/mt3620an.json
board_config = ../config.image
app = ../app.image
ethernet = yes
app_port = $((ports + 1))
EOF
}

world_begin() {
	rm -f "$tmp/world.env" # else the world before is taken for this one
	"$BUILD/vboard" -f "$tmp/world.ini" >"$tmp/world.env" 2>"$tmp/world.err" &
	world_pid=$!
	i=0
	until grep -qs '^# ready' "$tmp/world.env"; do
		i=$((i + 1))
		if [ $i -gt 500 ] || ! kill -0 $world_pid 2>/dev/null; then
			cat "$tmp/world.err"
			echo "$name: the virtual boards do not come up"
			exit 1
		fi
		sleep 0.02
	done
}

world_end() {
	[ -n "$world_pid" ] || return 0
	kill "$world_pid" 2>/dev/null
	wait "$world_pid"
	world_status=$?
	world_pid=
	[ ! -s "$tmp/world.err" ] || cat "$tmp/world.err"
	return $world_status
}

# serve_begin: `station serve` in the world, its pid in $serve. Returns when it listens: a
# screen that finds nobody starts a station of its own, and that one is in no world.
serve=
serve_begin() {
	"$in_world" "$BUILD/station" --conf "$conf" serve 2>"$tmp/serve.err" &
	serve=$!
	i=0
	until [ -S "$tmp/var/station.sock" ]; do
		i=$((i + 1))
		if [ $i -gt 500 ] || ! kill -0 $serve 2>/dev/null; then
			cat "$tmp/serve.err"
			echo "$name: station serve does not come up"
			exit 1
		fi
		sleep 0.02
	done
}

# A program and not a function, so that `$in_world ... &` leaves the command's own
# pid in $!.
in_world=$tmp/in_world
printf '#!/bin/sh\n. "%s/world.env"\nexec "$@"\n' "$tmp" >"$in_world"
chmod +x "$in_world"

# said_once FILE: no message of these events says its context, or its step's name, twice.
said_once() {
	! grep -E '"step":"([^"]*)".*"message":"\1: |"message":"([^"]*: )?([^":]+): \3: ' "$1" >"$tmp/twice" ||
		complain "said twice: $(grep -o '"message":.*' "$tmp/twice" | head -n 3)"
}

# expect STATUS WHAT COMMAND...: runs it; its output is then in $tmp/out and
# $tmp/err.
expect() {
	expected=$1 what=$2
	shift 2
	"$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	status=$?
	[ $status -eq "$expected" ] && return 0
	complain "$what: exit status $status, must be $expected"
	head -n 5 "$tmp/out" "$tmp/err"
	return 1
}

# has FILE PATTERN WHAT: $tmp/FILE has a line that matches.
has() {
	grep -q -e "$2" "$tmp/$1" && return 0
	complain "$3: no '$2' in what it printed:"
	head -n 8 "$tmp/$1"
	return 1
}

has_not() {
	grep -q -e "$2" "$tmp/$1" || return 0
	complain "$3: there is '$2':"
	grep -e "$2" "$tmp/$1" | head -n 3
	return 1
}

# one_message WHAT: standard error is one line, said by the program.
one_message() {
	[ "$(wc -l <"$tmp/err")" -eq 1 ] && return 0
	complain "$1: $(wc -l <"$tmp/err") lines of messages, must be one:"
	head -n 8 "$tmp/err"
	return 1
}

# nobody_left WHAT: no process of ours is left within two seconds.
nobody_left() {
	i=0
	while left=$(pgrep -f "station --conf $conf"); do
		i=$((i + 1))
		if [ $i -gt 100 ]; then
			complain "$1: processes left:" $left
			return 1
		fi
		sleep 0.02
	done
}

# whole WHAT: the record is whole.
whole() {
	station verify >"$tmp/verify" 2>&1 && return 0
	complain "$1: the record is not whole"
	head -n 10 "$tmp/verify"
	return 1
}

# finish SUMMARY: the last line, and the exit status.
finish() {
	[ $bad -eq 0 ] && echo "$*" || echo "$name: failed"
	exit $bad
}
