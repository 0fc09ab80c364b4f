#!/bin/sh
# demo.sh -- the main job on four virtual boards: one is good, three fail for
# three different reasons. Fails when the record says otherwise.
BUILD=${BUILD:-build}
"$BUILD/vboard" -f fixtures/virtual/demo.ini -- \
	"$BUILD/station" run plans/demo.ini --all \
	--unit VB-0001 --unit VB-0002 --unit VB-0003 --unit VB-0004
status=$?
bad=0
complain() { echo "demo: $*" >&2; bad=1; }
[ $status -eq 1 ] || complain "exit status $status, must be 1: three of the four boards are faulty"
echo
while read -r unit verdict first why; do
	"$BUILD/station" show "$unit" | tail -n 1 | grep -q " $verdict .* $first\$" ||
		complain "$unit must be $verdict ($why), see: $BUILD/station report $unit"
done <<EOF
VB-0001 PASS attempt.[0-9]* a good board
VB-0002 FAIL mac#1.stable its MAC changes with a restart
VB-0003 FAIL gpio#1.shorts its pins 3 and 4 are shorted
VB-0004 FAIL tcp#[0-9]*.rate its network is slow
EOF
[ $bad -eq 0 ] || exit 1
echo "Three of the four boards are faulty on purpose, so this is what must come out."
echo "Next:  $BUILD/station show VB-0002     $BUILD/station report VB-0003"
echo "       $BUILD/station yield            $BUILD/station verify"
echo "HTML reports: var/reports"
