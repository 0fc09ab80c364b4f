#!/bin/sh
# The station and the virtual boards share base/ alone. A name that both export would
# let a test of the one run the other's code, unseen: the first library wins.
build=${BUILD:-build}
[ -s "$build/libstation.a" ] && [ -s "$build/libvirtual.a" ] || exit 0 # not built yet
names() { nm -g --defined-only "$1" 2>/dev/null | awk 'NF == 3 { print $3 }' | sort -u; }
tmp=$(mktemp) || exit 1
trap 'rm -f "$tmp"' EXIT
names "$build/libvirtual.a" >"$tmp"
both=$(names "$build/libstation.a" | comm -12 - "$tmp" | grep -v '^__')
[ -z "$both" ] || echo "exported by station/ and by fixtures/virtual: $both"
bad=0
[ -z "$both" ] || bad=1
# What base/lazy.h loads when it is needed is not linked, by nobody's mistake and by no
# library that is: each process would carry it from its start.
[ -x "$build/station" ] || exit $bad
linked=$(ldd "$build/station") || exit 1
for so in $(sed -n 's/.*"\(.*\)"/\1/p' "$build/gen/lazy_sonames.h"); do
	case $linked in *"$so "*) echo "$build/station is linked with $so, see base/lazy.h"; bad=1 ;; esac
done
exit $bad
