#!/bin/sh
# Each folder may include the folders named after it here. Nothing else.
rules='
base: base
link: base link
board: base link board
step: base link board step
plan: base link board step plan
engine: base link board step plan engine
store: base link board step plan engine store
reports: base link board step plan engine store reports
floor: base link board step plan engine store reports floor
ui: base link board step plan engine store reports floor ui
cli: base link board step plan engine store reports floor ui cli
virtual: base virtual
'
bad=0
for f in $(find station reports fixtures/virtual -name '*.[ch]' 2>/dev/null | sort); do
	case $f in
	fixtures/virtual/usbfs_preload.c) continue ;; # a library of its own
	station/*/*) dir=${f#station/}; dir=${dir%%/*} ;;
	station/*) continue ;; # main.c and station.h see everything
	reports/*) dir=reports ;;
	fixtures/*) dir=virtual ;;
	esac
	allowed=$(printf '%s' "$rules" | sed -n "s/^$dir: //p")
	[ "$allowed" ] || { echo "$f: $dir/ has no place in tests/lint/layers.sh"; bad=1; }
	for inc in $(sed -n 's|^#[ ]*include "\([^/"]*\)/.*|\1|p' "$f" | sort -u); do
		case " $allowed " in
		*" $inc "*) ;;
		*) echo "$f: $dir/ may not include $inc/"; bad=1 ;;
		esac
	done
done
exit $bad
