#!/bin/sh
# virtual.sh -- the virtual boards tried through unmodified libftdi1 and libusb.
# One line for each case; fails when one fails, hangs or leaves a world behind.
BUILD=${BUILD:-build}
here=tests/virtual
bad=0
vboard() { timeout -k 5 120 "$BUILD/vboard" "$@"; }
case_() { # NAME COMMAND...
	name=$1
	shift
	if "$@"; then echo "ok     $name"; else echo "FAILED $name (exit $?)"; bad=1; fi
}

case_ basic vboard -f $here/one.ini -- "$BUILD/virtual/basic"
case_ basic-paced vboard -f $here/one-paced.ini -- "$BUILD/virtual/basic"
exit $bad
