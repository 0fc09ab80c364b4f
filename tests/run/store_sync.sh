#!/bin/sh
# store_sync.sh BENCH_STORE -- what the kernel was really asked for: begin, sync
# and commit of a run each end with fdatasync() of the log, the attempts between
# do not wait for the disk. Only one process has the record open: SQLite's locks do not
# outlive a fork.
bench=${1:-${BUILD:-build}/bench/bench_store}
[ -x "$bench" ] || { echo "store_sync: no $bench"; exit 1; }
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
# A sanitized one cannot look for leaks while it is traced.
ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0" \
	strace -f -y -e trace=fsync,fdatasync,write -o "$dir/trace" "$bench" "$dir" --trace 2>/dev/null ||
	{ echo "store_sync: strace or $bench failed"; exit 1; }
printf '[station]\nid = S\ndata = var\n' >"$dir/station.conf"
printf '[plan]\ntitle = t\nboard = none\nproduct = P\n[step w]\nkind = wait\nfor = 1 ms\nlimit waited = >= 0 s\n' >"$dir/p.ini"
ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0" \
	strace -f -e trace=open,openat -o "$dir/opens" "${BUILD:-build}/station" --conf "$dir/station.conf" \
	run "$dir/p.ini" --unit U >"$dir/said" 2>&1 || { echo "store_sync: a run: $(cat "$dir/said")"; exit 1; }
grep -q 'var/reports' "$dir/opens" || { echo "store_sync: no report was written"; exit 1; }
who=$(sed -n '/station\.db/s/ .*//p' "$dir/opens" | sort -u | wc -l)
[ "$who" -eq 1 ] || { echo "store_sync: $who processes opened the record, must be 1"; exit 1; }
awk '
	/"MARK / { split($0, part, "\""); sub(/^MARK /, "", part[2]); sub(/\\n$/, "", part[2])
		phase = part[2]; if (phase == "attempt") attempts++; next }
	/f(data)?sync\([0-9]+<[^>]*-wal>\) += 0/ { synced[phase]++ }
	END {
		bad = 0
		if (attempts != 10) { print "store_sync: " attempts + 0 " attempts seen, not 10"; bad = 1 }
		if (!synced["begin"]) { print "store_sync: begin did not sync the log"; bad = 1 }
		if (synced["attempt"]) { print "store_sync: an attempt waited for the disk"; bad = 1 }
		if (!synced["sync"]) { print "store_sync: store_sync() did not sync the log"; bad = 1 }
		if (!synced["commit"]) { print "store_sync: commit did not sync the log"; bad = 1 }
		if (!bad) print "store_sync: begin, sync and commit are synced, attempts do not wait"
		exit bad
	}' "$dir/trace"
