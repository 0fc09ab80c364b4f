#!/bin/sh
# operator.sh -- the operator's screen on four virtual boards (make operator). The station
# behind it and the boards end with the screen; records are in build/operator.
BUILD=${BUILD:-build}
root=$PWD
case $BUILD in /*) ;; *) BUILD=$root/$BUILD ;; esac
dir=$BUILD/operator
if [ "$1" = --inside ]; then # in the world of the boards
	"$BUILD/station" --conf "$dir/station.conf" serve 2>>"$dir/serve.log" &
	serve=$!
	trap 'kill $serve 2>/dev/null; wait $serve' EXIT
	trap 'exit 129' HUP INT TERM
	i=0
	until [ -S "$dir/var/station.sock" ] || [ $i -gt 250 ]; do sleep 0.02; i=$((i + 1)); done
	"$BUILD/station" --conf "$dir/station.conf"
	exit $?
fi
mkdir -p "$dir"
cat >"$dir/station.conf" <<C
[station]
id      = ST-01
line    = L1
fixture = $root/fixtures/demo.ini
boards  = $root/fixtures/boards
plans   = $root/plans
data    = $dir/var
C
cat <<T
Four virtual boards are plugged in. Labels to scan (a paste is a scan): VB-0001 to VB-9999.
Board 1 is good, 2 loses its MAC address, 3 has shorted pins, 4 a slow network.
In another terminal, a board is pulled out and put in by
    $BUILD/vboard ctl -d $dir unplug 2     ... plug 2
and a scanner is played by
    tmux send-keys -l VB-0001; tmux send-keys Enter       (where the screen runs in tmux)
A label is typed by F2, the label, F12. When it is asked which slot: F1 to F4, then F12.
F1 lists the keys; F9 F9 F12 ends the screen.
T
[ -t 0 ] && { printf 'Enter begins. '; read -r _; }
exec "$BUILD/vboard" --control "$dir/control" -f "$root/fixtures/virtual/demo.ini" -- "$0" --inside
