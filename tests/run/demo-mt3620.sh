#!/bin/sh
# demo-mt3620.sh -- plans/mt3620-rdb.ini on four virtual MT3620 boards: one is good, three
# fail for three different reasons. Fails when the record says otherwise.
BUILD=${BUILD:-build}
BUILD=$BUILD fixtures/mt3620/kit.sh || exit 1
mkdir -p var/mt3620-demo || exit 1
conf=var/mt3620-demo/station.conf
cat >$conf <<EOF
[station]
id      = ST-MT3620
fixture = ../../fixtures/mt3620-rdb.ini
boards  = ../../fixtures/boards
plans   = ../../plans
data    = .
EOF
"$BUILD/vboard" -f fixtures/virtual/mt3620.ini -- \
	"$BUILD/station" --conf $conf run plans/mt3620-rdb.ini --all \
	--unit RDB-0001 --unit RDB-0002 --unit RDB-0003 --unit RDB-0004
status=$?
bad=0
complain() { echo "demo-mt3620: $*" >&2; bad=1; }
[ $status -eq 3 ] || complain "exit status $status, must be 3: one of the four cannot be tested"
echo
while read -r unit verdict first why; do
	"$BUILD/station" --conf $conf show "$unit" | tail -n 1 | grep -q " $verdict .* $first\$" ||
		complain "$unit must be $verdict ($why), see: $BUILD/station --conf $conf report $unit"
done <<EOF
RDB-0001 PASS attempt.[0-9]* a good board
RDB-0002 FAIL recovery#1:ERR_FLASH its flash cannot be erased
RDB-0003 FAIL mac#1.new_after_recovery its MAC address survives a recovery
RDB-0004 ERROR recovery#1:ERR_STRAP the RECOVERY line is open
EOF
[ $bad -eq 0 ] || exit 1
echo "Three of the four MT3620 boards are faulty on purpose, so this is what must come out."
echo "Next:  $BUILD/station --conf $conf report RDB-0001"
