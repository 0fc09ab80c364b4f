#!/bin/sh
# demo.sh -- the main job on four virtual boards: one is good, three fail for
# three different reasons. Says so, and fails, when it came out otherwise.
BUILD=${BUILD:-build}
"$BUILD/vboard" -f fixtures/virtual/demo.ini -- \
	"$BUILD/station" run plans/demo.ini --all \
	--unit VB-0001 --unit VB-0002 --unit VB-0003 --unit VB-0004
status=$?
if [ $status -ne 1 ]; then
	echo "demo: exit status $status, must be 1: three of the four boards are faulty" >&2
	exit 1
fi
echo
echo "Three of the four boards are faulty on purpose, so this is what must come out."
echo "Next: station show VB-0002; station report VB-0003; station yield; station verify"
echo "(build/station, or after make install: station). The HTML reports are in var/reports."
