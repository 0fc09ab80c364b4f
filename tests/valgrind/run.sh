#!/bin/sh
# run.sh PARSER... -- memcheck over the inputs of each fuzz target, some unit tests, and
# the station's own commands with a unit tested on a virtual board. Fails on any error
# and on memory that is definitely lost, in any process; also when valgrind did not run.
BUILD=${BUILD:-build}
here=tests/valgrind
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
bad=0 runs=0
memcheck() {
	rm -f "$tmp"/log.*
	timeout -k 5 300 valgrind -q --trace-children=no --leak-check=full --show-leak-kinds=definite \
		--errors-for-leak-kinds=definite --error-exitcode=99 --suppressions=$here/station.supp \
		--log-file="$tmp/log.%p" "$@"
}
# judge STATUS EXPECTED WHAT: with -q valgrind says "==PID==" of errors alone.
judge() {
	runs=$((runs + 1))
	if [ "$1" -eq "$2" ] && ls "$tmp"/log.* >/dev/null 2>&1 && ! grep -q '^==' "$tmp"/log.*; then
		echo "ok     valgrind: $3"
	else
		echo "FAILED valgrind: $3: status $1, must be $2"
		tail -n 5 "$tmp/out"
		cat "$tmp"/log.* | grep '^==' | head -n 60
		bad=1
	fi
}
for name; do
	memcheck "$BUILD/valgrind/$name" tests/fuzz/corpus/"$name"/* >"$tmp/out" 2>&1
	judge $? 0 "the corpus of $name"
done
for name in usbip proc wire; do
	memcheck --trace-children=yes "$BUILD/tests/test_$name" -j2 >"$tmp/out" 2>&1
	judge $? 0 "test_$name"
done
cat >"$tmp/station.conf" <<C
[station]
id      = ST-VG
fixture = $PWD/fixtures/demo.ini
boards  = $PWD/fixtures/boards
data    = var
[reports]
formats = text, json, html, junit
C
station() { memcheck "$BUILD/station" --conf "$tmp/station.conf" "$@" >"$tmp/out" 2>&1 </dev/null; }
"$BUILD/vboard" -f fixtures/virtual/demo.ini >"$tmp/world.env" 2>&1 &
vboard=$!
i=0
until grep -q '^# ready' "$tmp/world.env" || [ $i -gt 300 ]; do i=$((i + 1)); sleep 0.1; done
run() ( . "$tmp/world.env"; station run tests/e2e/console.ini "$@" )
run --slot 1 --unit E2E-0001
judge $? 0 "a unit that passes"
run --slot 2 --unit E2E-0002
judge $? 1 "a unit that fails"
kill $vboard
wait $vboard
station verify
judge $? 0 "station verify"
station report E2E-0002
judge $? 0 "station report"
station yield
judge $? 0 "station yield"
station check plans/demo.ini
judge $? 0 "station check"
echo "valgrind: $runs runs"
exit $bad
