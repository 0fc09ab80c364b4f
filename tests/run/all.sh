#!/bin/sh
# all.sh [SCRIPT...] -- every run of the whole program, each with a time limit: two at a
# time (RUN_JOBS), then one by one those with a line `# alone: why`, which measure time or
# shall have nobody beside them. What a script prints stands together. The last line counts
# them; a run that could not be made is no pass.
if [ "$1" = --one ]; then # DIR SCRIPT: its line, and "passed" or "failed" in DIR
	end=$2/$(basename "$3")
	from=$(date +%s)
	timeout -k 5 400 "$3" >"$end.log" 2>&1 </dev/null
	status=$?
	took=$(($(date +%s) - from))
	if grep -qE 'ERROR: (Leak|Address|Thread)Sanitizer|runtime error:' "$end.log"; then
		status=99
	fi
	exec 9>"$2/lock" && flock 9
	if [ $status -eq 0 ]; then
		printf 'ok     %-28s %3d s  %s\n' "$3" $took "$(tail -n 1 "$end.log")"
		echo passed >"$end.end"
	else
		cat "$end.log"
		printf 'FAILED %-28s %3d s  status %d\n' "$3" $took $status
		echo failed >"$end.end"
	fi
	exit 0
fi
BUILD=${BUILD:-build}
# Programs under a sanitizer run behind a preload; what it prints is looked for.
# Its exit status is none of the station's.
ASAN_OPTIONS="exitcode=99:${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0"
UBSAN_OPTIONS="exitcode=99:print_stacktrace=1"
export BUILD ASAN_OPTIONS UBSAN_OPTIONS
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
if [ $# -eq 0 ]; then
	for s in tests/run/*.sh; do
		case $s in
		*/all.sh | */unit.sh | */golden.sh | */golden_*.sh | */lib.sh) ;;
		*) set -- "$@" "$s" ;;
		esac
	done
fi
grep -L '^# alone: ' "$@" | xargs -r -n 1 -P "${RUN_JOBS:-2}" "$0" --one "$dir"
grep -l '^# alone: ' "$@" | xargs -r -n 1 "$0" --one "$dir"
passed=$(cat "$dir"/*.end 2>/dev/null | grep -c passed)
failed=$(($# - passed)) # one that left no word has not passed
echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
