#!/bin/sh
# soak.sh -- 2,000 units through one supervisor without boards, and some hundred
# that open a virtual board's USB device each: neither descriptors nor memory grow.
. tests/run/lib.sh
[ -x "$BUILD/tools/soak" ] || { echo "$name: $BUILD/tools/soak is missing: make test builds it"; exit 1; }
units=${SOAK_UNITS:-2000} boards=${SOAK_BOARDS:-300}
# kB. From the first half to the second: SQLite's cache of 2 MB has filled by then.
growth=512 growth_boards=1024
# A sanitizer keeps what was freed for a while, and needs more for itself.
ASAN_OPTIONS=$ASAN_OPTIONS:quarantine_size_mb=1
nm -D "$BUILD/station" 2>/dev/null | grep -q __asan_init && growth=8192 growth_boards=8192

write_files 4
plan none.ini none <<'P'
[step w]
kind = wait
for = 1 ms
limit waited = <= 1 min
[step v]
kind = wait
for = 1 ms
P
plan boards.ini virtual-console <<'P'
[step os]
kind = os_version
accept = 24.06
[step id]
kind = console
send = id
expect = /^([0-9a-f]{16})\r?$/m
capture = text
P
sed '/^fixture/d; s/^data.*/data = var_none/' "$conf" >"$tmp/none.conf"
"$BUILD/tools/soak" "$tmp/none.conf" "$tmp/none.ini" "$units" $((units / 2)) $growth >"$tmp/none" 2>"$tmp/err" ||
	{ complain "without boards: status $?"; head -n 5 "$tmp/none" "$tmp/err"; }
world_begin
in_use() { ls /proc/$world_pid/fd | wc -l; }
before=$(in_use)
"$in_world" "$BUILD/tools/soak" "$conf" "$tmp/boards.ini" "$boards" $((boards / 2)) $growth_boards >"$tmp/boards" 2>"$tmp/err" ||
	{ complain "on boards: status $?"; head -n 5 "$tmp/boards" "$tmp/err"; }
[ "$(in_use)" -le "$before" ] || complain "vboard holds $(in_use) descriptors, $before before"
whole "on boards"
conf=$tmp/none.conf
whole "without boards"
world_end || complain "vboard ended with status $world_status"
finish "$(cat "$tmp/none"); on boards $(cat "$tmp/boards")"
