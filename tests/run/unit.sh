#!/bin/sh
# unit.sh TEST... -- run Criterion binaries; fail when one fails, crashes, hangs,
# runs no test, or when a sanitizer spoke. Criterion's exit status alone does
# not tell the last two.
total=0 bad=0
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
for t; do
	timeout -k 5 300 "$t" --color=never -j2 </dev/null >"$log" 2>&1
	rc=$?
	n=$(sed -n 's/.*Synthesis: Tested: \([0-9]*\).*/\1/p' "$log" | tail -n 1)
	if [ $rc -ne 0 ] || [ "${n:-0}" -eq 0 ] ||
	   grep -qE 'ERROR: (Leak|Address|Thread)Sanitizer|runtime error:|definitely lost: [1-9]' "$log"; then
		cat "$log"
		echo "FAILED $t (exit $rc, tests run: ${n:-0})"
		bad=$((bad + 1))
	fi
	total=$((total + ${n:-0}))
done
echo "unit: $total tests in $# programs, $bad programs failed"
[ $bad -eq 0 ] && [ $total -gt 0 ]
