#!/bin/sh
# unit.sh TEST... -- run Criterion binaries, as many at once as there are processors
# (UNIT_JOBS), each with two tests at once (UNIT_TESTS); fail when one fails, crashes,
# hangs, runs no test, when an assertion behind a test (.fini) failed, or when a sanitizer
# spoke. Criterion's exit status alone does not tell the last three.
#
# Criterion 2.4.1 itself loses the 48 bytes of a job in its runner when it is hurried, in
# any program. So a leak counts unless the library called malloc() by itself; one of a test
# has the test or one of our functions there. A suppression could not tell: it looks at all
# frames, and each test is called by Criterion.
LSAN_OPTIONS="${LSAN_OPTIONS:+$LSAN_OPTIONS:}exitcode=0"
export LSAN_OPTIONS
leaks() { # LOG: whether it tells of a leak that counts
	awk '/ leak of / { ours += open; open = 1 }
	     open && /^ *#1 / { ours += $0 !~ /libcriterion\.so/; open = 0 }
	     END { exit !(ours + open) }' "$1"
}
if [ "$1" = --one ]; then # DIR TEST: what it says goes to DIR, and "ran COUNT" or "FAILED COUNT"
	name=${3##*/}
	log=$2/$name.log
	timeout -k 5 300 "$3" --color=never -j"${UNIT_TESTS:-2}" </dev/null >"$log" 2>&1
	rc=$?
	n=$(sed -n 's/.*Synthesis: Tested: \([0-9]*\).*/\1/p' "$log" | tail -n 1)
	word=ran
	if [ $rc -ne 0 ] || [ "${n:-0}" -eq 0 ] ||
	   grep -qE ': Assertion Failed$|ERROR: (Address|Thread)Sanitizer|runtime error:|definitely lost: [1-9]' "$log" ||
	   leaks "$log"; then
		word=FAILED
		cat "$log" # at once, so that two do not mix much
		echo "FAILED $3 (exit $rc, tests run: ${n:-0})"
	fi
	echo "$word ${n:-0}" >"$2/$name.end"
	exit 0
fi
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
from=$(date +%s)
printf '%s\n' "$@" | xargs -P "${UNIT_JOBS:-$(nproc)}" -n 1 "$0" --one "$dir"
ended=$(cat "$dir"/*.end 2>/dev/null | wc -l) # one that left no word has not passed
bad=$(($# - $(cat "$dir"/*.end 2>/dev/null | grep -c '^ran ')))
total=$(cat "$dir"/*.end 2>/dev/null | awk '{ n += $2 } END { print n + 0 }')
echo "unit: $total tests in $ended of $# programs, $bad programs failed, $(($(date +%s) - from)) s"
[ $bad -eq 0 ] && [ "$total" -gt 0 ]
