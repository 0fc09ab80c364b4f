#!/bin/sh
# disk.sh -- what becomes of runs when the disk does not take them: full, read-only,
# another user's, folder gone, record of a newer program, damaged record, a second
# station on the same record. Each ends with one message that says what, where and
# what to do, with status 3 and without a verdict; nothing recorded before is lost,
# and once the disk is well again the station goes on.
. tests/run/lib.sh
disk=
at_end() { [ -z "$disk" ] || umount "$disk"; }
formats=text
write_files 1
sed -i '/^fixture/d' "$conf"
db=$tmp/var/station.db
{
	printf '[step w]\nkind = wait\nfor = 400 ms\nlimit waited = <= 1 min\n'
} | plan slow.ini none
{
	printf '[step w]\nkind = wait\nfor = 1 ms\nlimit waited = <= 1 min\n'
} | plan fast.ini none

# runs: how many closed runs the record holds.
runs() { station export 2>/dev/null | grep -c '"run":'; }

# begin [PLAN]: a run of unit U in the background that has been begun in the record.
begin() {
	: >"$tmp/out" # what the run before said must not be taken for this one's
	station run "$tmp/slow.ini" --unit U >"$tmp/out" 2>"$tmp/err" </dev/null &
	pid=$!
	i=0
	until grep -q '1/1 w' "$tmp/out" || [ $i -gt 200 ]; do
		i=$((i + 1))
		sleep 0.02
	done
}

ends() { # STATUS WHAT
	wait $pid
	status=$?
	[ $status -eq "$1" ] || { complain "$2: exit status $status, must be $1"; cat "$tmp/out" "$tmp/err"; }
}

# A run that is not recorded shows no verdict anywhere.
no_verdict() { # WHAT
	has out '^- *U *NOT RECORDED *station' "$1"
	has_not out 'PASS' "$1"
}

# refused WHAT PATTERN: no run starts; one message that matches; a reader says so too.
refused() {
	expect 3 "$1" station run "$tmp/fast.ini" --unit U
	one_message "$1"
	has err "$2" "$1"
	has_not out 'PASS' "$1"
}

well() { # WHAT RUNS: a run passes, the record is whole and holds this many
	expect 0 "$1" station run "$tmp/fast.ini" --unit U
	has out 'PASS' "$1"
	whole "$1"
	[ "$(runs)" -eq "$2" ] || complain "$1: $(runs) runs in the record, must be $2"
}

well "first run" 1

# --- two stations, one record ---
begin
refused "second station" 'station.db: station process [0-9]* writes this record; end it, or'
ends 0 "first of two stations"
has out 'PASS' "first of two stations"
well "after the second station" 3

# --- folder moved away in mid-run, and brought back ---
begin
mv "$tmp/var" "$tmp/away"
ends 3 "folder removed"
no_verdict "folder removed"
has out 'station.db: .*removed or replaced.*bring' "folder removed"
rm -rf "$tmp/var"
mv "$tmp/away" "$tmp/var"
expect 0 "folder brought back" station run "$tmp/fast.ini" --unit U
has out 'earlier run of unit U .* INTERRUPTED' "folder brought back"
well "folder brought back" 6

# --- folder deleted in mid-run: no verdict; the next start makes a new record ---
cp -r "$tmp/var" "$tmp/backup"
begin
rm -rf "$tmp/var"
ends 3 "folder deleted"
no_verdict "folder deleted"
well "new record after the folder was deleted" 1
rm -rf "$tmp/var"
mv "$tmp/backup" "$tmp/var"
well "backup brought back" 7

# --- newer, damaged, no record at all ---
cp "$db" "$tmp/good.db"
sqlite3 "$db" 'PRAGMA user_version=99' >/dev/null
refused "newer record" 'station.db: record of version 99, this program reads up to version'
for c in "show U" "yield" "verify" "export" "report U" "list units"; do
	expect 3 "newer record: $c" station $c
	one_message "newer record: $c"
	has err 'record of version 99.*; use the newer program, or' "newer record: $c"
done
cp "$tmp/good.db" "$db"
well "right version again" 8

cp "$db" "$tmp/good.db"
printf 'this is no record, and long enough to be looked at as a header of a database file....' >"$db"
refused "text instead of a record" 'station.db: .*no record'
cp "$tmp/good.db" "$db"
sqlite3 "$tmp/foreign.db" 'CREATE TABLE t(x); INSERT INTO t VALUES (1)'
cp "$tmp/foreign.db" "$db"
refused "another program's database" 'station.db: .*no record'
cp "$tmp/good.db" "$db"
size=$(stat -c %s "$db")
truncate -s $((size / 2)) "$db"
# Cut in half: whatever is still readable, no verdict may come out of it.
station run "$tmp/fast.ini" --unit U >"$tmp/out" 2>"$tmp/err" </dev/null
status=$?
if [ $status -ne 3 ] || grep -q PASS "$tmp/out"; then
	complain "record cut in half: exit status $status, must be 3"
	cat "$tmp/out" "$tmp/err"
fi
has err 'station.db' "record cut in half"
rm -f "$db-wal" "$db-shm"
cp "$tmp/good.db" "$db"
well "whole record again" 9

# Changed behind the station's back: verify tells, with status 1.
cp "$db" "$tmp/good.db"
{
	sqlite3 "$db" "SELECT 'DROP TRIGGER ' || name || ';' FROM sqlite_schema WHERE type = 'trigger'"
	echo "UPDATE body SET bytes = CAST(replace(CAST(bytes AS TEXT), 'PASS', 'FAIL') AS BLOB) WHERE seq = 2;"
} >"$tmp/change.sql"
sqlite3 "$db" <"$tmp/change.sql" >/dev/null 2>"$tmp/err"
if cmp -s "$db" "$tmp/good.db"; then
	complain "the record could not be changed for the test: $(cat "$tmp/err")"
fi
expect 1 "changed record" station verify
has out 'first bad sequence 2' "changed record"
cp "$tmp/good.db" "$db"

# --- reports that cannot be written lose nothing ---
sed 's/^formats.*/&\nfolder = none_folder/' "$conf" >"$tmp/noreports.conf"
: >"$tmp/none_folder"
expect 0 "reports cannot be written" "$BUILD/station" --conf "$tmp/noreports.conf" run "$tmp/fast.ini" --unit U
has out PASS "reports cannot be written"
one_message "reports cannot be written"
has err 'report not written: .*none_folder' "reports cannot be written"
well "after reports failed" 11

# --- another user's folder (root may write everywhere, so as nobody) ---
if [ "$(id -u)" -eq 0 ]; then
	chmod 755 "$tmp"
	cp "$BUILD/station" "$tmp/program"
	expect 3 "another user's folder" setpriv --reuid 65534 --regid 65534 --clear-groups \
		"$tmp/program" --conf "$conf" run "$tmp/fast.ini" --unit U
	one_message "another user's folder"
	has err "$tmp/var.*ermission denied" "another user's folder"
	# A reader needs no more than to read.
	expect 0 "another user reads" setpriv --reuid 65534 --regid 65534 --clear-groups \
		"$tmp/program" --conf "$conf" show U
else
	chmod 555 "$tmp/var"
	chmod 444 "$tmp/var"/station.db*
	refused "read-only folder" "$tmp/var.*ermission denied"
	chmod 755 "$tmp/var"
	chmod 644 "$tmp/var"/station.db*
fi
well "right user again" 12

# --- full disk ---
# fill: nothing is free below $disk. room: it is again.
fill() { dd if=/dev/zero of="$disk/fill" bs=64k >/dev/null 2>&1; dd if=/dev/zero of="$disk/fill2" bs=1k >/dev/null 2>&1; }
room() { rm -f "$disk/fill" "$disk/fill2"; }
mkdir "$tmp/disk"
if mount -t tmpfs -o size=40m none "$tmp/disk" 2>/dev/null; then
	disk=$tmp/disk
	sed "s|^data.*|data = $disk/var|" "$conf" >"$tmp/full.conf"
	conf=$tmp/full.conf db=$disk/var/station.db
	well "on a small disk" 1

	fill
	refused "full disk" "$disk/var.*free.*; "
	refused "full disk, again" "$disk/var.*free"
	expect 0 "a full disk is read" station show U
	room
	well "room again" 2

	begin
	fill
	ends 3 "disk full in mid-run"
	no_verdict "disk full in mid-run"
	has out 'station.db: .*full; free space' "disk full in mid-run"
	has_not err 'report' "disk full in mid-run"
	room
	well "room again after mid-run" 4

	# Room comes back while the commit is tried again.
	begin
	fill
	(sleep 0.6; room) &
	ends 0 "room in time"
	has out PASS "room in time"
	wait
	well "room in time" 6

	# A disk that is full from the first day.
	rm -rf "$disk/var"
	fill
	expect 3 "full from the first day" station run "$tmp/fast.ini" --unit U
	one_message "full from the first day"
	has err "$disk/var" "full from the first day"
	room
	well "first run after that" 1

	mount -o remount,ro "$disk"
	refused "read-only disk" "$disk/var.*ead-only"
	expect 0 "a read-only disk is read" station show U
	mount -o remount,rw "$disk"
	well "writable again" 2
	full="a full and a read-only disk"
else
	# Without the right to mount: the log of the record cannot grow beyond what
	# the begin of a run takes.
	sh -c 'trap "" XFSZ; exec prlimit --fsize=32768 "$@"' sh "$BUILD/station" --conf "$conf" \
		run "$tmp/slow.ini" --unit U >"$tmp/out" 2>"$tmp/err" </dev/null
	status=$?
	[ $status -eq 3 ] || complain "no file may grow: exit status $status, must be 3"
	no_verdict "no file may grow"
	well "files may grow again" 14
	full="files that cannot grow (no right to mount a small disk: full disk NOT tried)"
fi
nobody_left "at the end"
finish "two stations, folder gone, newer and damaged records, rights, $full: no verdict without a record"
