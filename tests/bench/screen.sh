#!/bin/sh
# screen.sh -- what the operator's screen costs while 32 slots change ten times a second,
# of one core, at three sizes; and how soon a key is felt, also while a picture of 2.1 MB
# is shown over a line of 1 Mbit/s. Needs build/tools/floor, line and terminal.
build=${BUILD:-build}
tmp=$(mktemp -d) || exit 1
floor=
trap 'kill $floor 2>/dev/null; rm -rf "$tmp"' EXIT
mkdir "$tmp/var"
printf '[station]\ndata = var\n' >"$tmp/station.conf"
python3 tests/run/floor/noise.py "$tmp/noise.png" || exit 1
FLOOR_PICTURE=$tmp/noise.png "$build/tools/floor" "$tmp/var/station.sock" "$tmp/log" 32 busy &
floor=$!
i=0
until [ -S "$tmp/var/station.sock" ] || [ $i -gt 200 ]; do sleep 0.02; i=$((i + 1)); done
seconds=${BENCH_SECONDS:-10}
printf 'wait units 212\npause %d\n' $((seconds * 1000 + 3000)) >"$tmp/script"
felt() { # WHAT, from the times in $tmp/felt
	sort -n "$tmp/felt" | awk -v what="$1" '{ v[NR] = $1 } END {
		printf "%-44s %9d %9d %-7s  %-36s %9s %7s  %-10s %s\n", what,
			v[NR], v[int((NR + 1) / 2)], "ms", "-", "-", "-", "<= 50", v[NR] <= 50 ? "yes" : "NO" }'
}
cpu() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }
for size in '24 80' '43 132' '90 300'; do
	"$build/tools/terminal" xterm-256color $size "$tmp/script" \
		"$build/station" --conf "$tmp/station.conf" &
	terminal=$!
	sleep 2
	pid=$(pgrep -P $terminal) || { echo "bench_screen could not measure"; exit 1; }
	a=$(cpu "$pid")
	sleep "$seconds"
	b=$(cpu "$pid")
	wait $terminal
	{
		echo 'wait units 212'
		for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do echo 'felt F3 5000'; done
	} >"$tmp/keys"
	"$build/tools/terminal" xterm-256color $size "$tmp/keys" \
		"$build/station" --conf "$tmp/station.conf" >"$tmp/felt"
	felt "a key is felt at $size, of 20 the slowest"
	echo "$size $a $b $seconds $(getconf CLK_TCK)" | awk '{ p = ($4 - $3) * 100 / ($6 * $5)
		printf "%-44s %9.2f %9s %-7s  %-36s %9s %7s  %-10s %s\n", "screen of 32 busy slots, " $1 " x " $2,
			p, "-", "% core", "-", "-", "-", "<= 2", p <= 2 ? "yes" : "NO" }'
done
for how in kitty sixel; do
	{ # three keys while it is on its way, which takes 2 s
		printf 'wait units 212\nscan 1000 P\\r\nwait lamp on\n'
		for i in 1 2 3 4 5 6; do printf 'felt F3 5000\nfelt F3 5000\nfelt F3 5000\nkey esc F10\n'; done
	} >"$tmp/keys"
	LC_ALL=C.UTF-8 "$build/tools/terminal" xterm-256color 43 132 "$tmp/keys" "$build/tools/line" $how \
		1000000 0 "$tmp/line" "$build/station" --conf "$tmp/station.conf" >"$tmp/felt" ||
		{ echo "bench_screen could not measure"; exit 1; }
	felt "a key while a $how picture comes, 1 Mbit/s"
done
