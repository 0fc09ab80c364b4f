#!/bin/sh
# golden.sh [--write] -- compare what the programs say with what is kept below
# tests/golden, or keep what they say now.
rc=0
for s in tests/run/lint.sh tests/run/doc.sh tests/run/screen.sh; do
	$s "$@" || rc=1
done
exit $rc
