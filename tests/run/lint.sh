#!/bin/sh
# lint.sh [--write] -- each file of tests/golden/lint has one mistake; what the
# linter says of it is compared as a whole with NAME.out, or written there. The
# station is that of conf/NAME.conf where there is one, else conf/station.conf.
station=$(realpath "${BUILD:-build}/station") || exit 1
[ -x "$station" ] || { echo "lint.sh: no $station; run make all"; exit 1; }
write=$1
cd "$(dirname "$0")/../golden/lint" || exit 1
total=0 bad=0
said=$(mktemp) || exit 1
trap 'rm -f "$said"' EXIT
for f in *.ini; do
	n=${f%.ini} conf=conf/station.conf
	[ -e "conf/$n.conf" ] && conf=conf/$n.conf
	{
		timeout 20 "$station" --conf $conf check "$f" 2>&1
		echo "exit $?"
	} >"$said"
	if [ "$write" = --write ]; then
		cmp -s "$said" "$n.out" || { cp "$said" "$n.out"; echo "wrote tests/golden/lint/$n.out"; }
	elif ! diff -u --label "$n.out" --label "$n.ini as it is" "$n.out" "$said"; then
		bad=$((bad + 1))
	fi
	total=$((total + 1))
done
for f in *.out; do
	[ -e "${f%.out}.ini" ] || { echo "tests/golden/lint/$f has no .ini"; bad=$((bad + 1)); }
done
echo "lint: $total files, $bad differ"
[ $bad -eq 0 ] && [ $total -gt 0 ]
