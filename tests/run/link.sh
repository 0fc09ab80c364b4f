#!/bin/sh
# link.sh -- links, pins and the USB list on virtual boards, through unmodified
# libftdi1 and libusb. One line for each case; fails when one fails or hangs.
BUILD=${BUILD:-build}
export LINKTOOL_VBOARD=$BUILD/vboard
export ASAN_OPTIONS=verify_asan_link_order=0 # the preloads come first
here=tests/run/link
log=$(mktemp) || exit 3
rec=$(mktemp -u) || exit 3
trap 'rm -f "$log" "$rec"' EXIT
bad=0

# on SCENARIO CASE ARGS...: the case in a world of its own
on() {
	file=$here/$1.ini
	shift
	if timeout -k 5 60 "$BUILD/vboard" -f "$file" -- "$BUILD/linktool" "$@" >"$log" 2>&1 &&
	   ! grep -qE 'ERROR: (Leak|Address)Sanitizer|runtime error:' "$log"; then
		echo "ok     $*"
	else
		echo "FAILED $*"
		cat "$log"
		bad=1
	fi
}
# says TEXT: the last case printed it
says() {
	grep -qF -- "$1" "$log" && return
	echo "FAILED it does not say: $1"
	cat "$log"
	bad=1
}

on one echo 115200 100000
on one echo 115200 5000 rtscts
on fast echo 3000000 100000
on one timeouts 1000
on one handover
on one drop
on one tune 1500
says '1500 heard, 0 bad'
on mute held
says '2048 of 6000 bytes written; the board holds the rest up by flow control (CTS)'
on one line
says framing
for what in read write idle drop tune; do
	on one gone $what
done
on one churn 3
on one busy
on one interface ERR_IO mute
on one interface ERR_IO stall
says 'refuses requests'
on one interface ERR_IO dead C
says 'sends no packets'
on one deaf
says 'sends no packets'
on one pins $here/fixture.ini
on one killed $here/fixture.ini
on one record "$rec"
on one list '1-1.2=FX0001'
on one late

export LINKTOOL_USB
LINKTOOL_USB=1-1.1
on odd open OK FX0001
on odd open ERR_FIXTURE FX0002
says "serial 'FX0002' at USB path 1-1.1"
says "'FX0001'; FT4232H on the bus: 1-1.1 (FX0001), 1-1.2 (FX0002)"
on odd open ERR_FIXTURE FX0001 'MSFT MT3620 Std Interface'
says 'interface EEPROM not programmed'
LINKTOOL_USB=1-1.2
on odd open ERR_FIXTURE
says 'two devices at USB path 1-1.2: addresses'
LINKTOOL_USB=1-1.4
on odd open ERR_FIXTURE
says 'interface EEPROM not programmed'
on odd open OK none
LINKTOOL_USB=1-1.3
on odd open ERR_FIXTURE
says 'bcdDevice 0x0800 at USB path 1-1.3, found 0x3600'
LINKTOOL_USB=1-1
on odd open ERR_FIXTURE
says 'expected an FT4232H (0403:6011) at USB path 1-1, found a device'
LINKTOOL_USB=1-7
on odd open ERR_FIXTURE FX0009
says 'expected an FT4232H with serial FX0009 at USB path 1-7, found nothing; FT4232H on the bus:'
exit $bad
