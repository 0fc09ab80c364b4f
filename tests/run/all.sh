#!/bin/sh
# all.sh -- every run of the whole program, one after the other, each with a time
# limit. The last line counts them; a run that could not be made is no pass.
BUILD=${BUILD:-build}
export BUILD
passed=0 failed=0
# Programs under a sanitizer run behind a preload; what it prints is looked for.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0"
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
for s in tests/run/*.sh; do
	case $s in
	*/all.sh | */unit.sh | */golden.sh | */golden_*.sh | */lib.sh) continue ;;
	esac
	from=$(date +%s)
	timeout -k 5 400 "$s" >"$log" 2>&1 </dev/null
	status=$?
	if grep -qE 'ERROR: (Leak|Address|Thread)Sanitizer|runtime error:' "$log"; then
		status=99
	fi
	if [ $status -eq 0 ]; then
		passed=$((passed + 1))
		printf 'ok     %-28s %3d s  %s\n' "$s" $(($(date +%s) - from)) "$(tail -n 1 "$log")"
	else
		failed=$((failed + 1))
		cat "$log"
		printf 'FAILED %-28s %3d s  status %d\n' "$s" $(($(date +%s) - from)) $status
	fi
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
