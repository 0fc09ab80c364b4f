#!/bin/sh
# man.sh -- the manual pages have no mistake that mandoc knows, and no option or
# command is left out of them. (They carry no date, so that they are made alike.)
BUILD=${BUILD:-build}
bad=0 pages=0
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
command -v mandoc >/dev/null || { echo "man: package mandoc is missing"; exit 1; }
for p in station.1 station-plan.5 station.conf.5; do
	"$BUILD/station" help man $p >"$tmp/$p" || { echo "man: no page $p"; bad=1; continue; }
	mandoc -T lint -W warning "$tmp/$p" | grep -v 'missing date' && bad=1
	[ "$(mandoc -T utf8 "$tmp/$p" | wc -l)" -ge 20 ] || { echo "man: $p has hardly a line"; bad=1; }
	pages=$((pages + 1))
done
mandoc -T ascii "$tmp/station.1" | sed 's/.\x08//g' >"$tmp/text"
for c in $(sed -n 's/^CMD(\(.*\))$/\1/p' station/cli/cmd.def); do
	for w in "^   $c" $("$BUILD/station" help "$c" | sed -n 's/^  \(--[a-z]*\).*/\1/p'); do
		grep -q -e "$w" "$tmp/text" || { echo "man: station.1 does not tell of $w ($c)"; bad=1; }
	done
done
echo "man: $pages pages"
exit $bad
