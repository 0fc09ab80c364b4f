#!/bin/sh
# link.sh -- links, pins and the USB list on virtual boards, through unmodified
# libftdi1 and libusb. One line for each case; fails when one fails or hangs.
BUILD=${BUILD:-build}
export VBOARD=$BUILD/vboard
export ASAN_OPTIONS=verify_asan_link_order=0 # the preloads come first
here=tests/run/link
log=$(mktemp) || exit 3
rec=$(mktemp -u) || exit 3
trap 'rm -f "$log" "$rec"' EXIT
bad=0

# on SCENARIO TOOL CASE ARGS...: the case in a world of its own; tests/tools/TOOL.c
on() {
	file=$here/$1.ini tool=$BUILD/tools/$2
	shift 2
	if timeout -k 5 60 "$BUILD/vboard" -f "$file" -- "$tool" "$@" >"$log" 2>&1 &&
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

on one links echo 115200 100000
on one links echo 115200 5000 rtscts
on fast links echo 3000000 100000
on one links timeouts 1000
on one links handover
on one links drop
on one links tune 1500
says '1500 heard, 0 bad'
on mute links held
says '2048 of 6000 bytes written; the board holds the rest up by flow control (CTS)'
on one links line
says framing
for what in read write idle drop tune; do
	on one links gone $what
done
on one links churn 3
on one links busy
on one links interface ERR_IO mute
on one links interface ERR_IO stall
says 'refuses requests'
on one links interface ERR_IO dead C
says 'sends no packets'
on one links deaf
says 'sends no packets'
on one pins drive $here/fixture.ini
on one pins killed $here/fixture.ini
on one links record "$rec"
on one pins list '1-1.2=FX0001'
on one pins late

export BOARD_USB
BOARD_USB=1-1.1
on odd links open OK FX0001
on odd links open ERR_FIXTURE FX0002
says "serial 'FX0002' at USB path 1-1.1"
says "'FX0001'; FT4232H on the bus: 1-1.1 (FX0001), 1-1.2 (FX0002)"
on odd links open ERR_FIXTURE FX0001 'MSFT MT3620 Std Interface'
says 'interface EEPROM not programmed'
BOARD_USB=1-1.2
on odd links open ERR_FIXTURE
says 'two devices at USB path 1-1.2: addresses'
BOARD_USB=1-1.4
on odd links open ERR_FIXTURE
says 'interface EEPROM not programmed'
on odd links open OK none
BOARD_USB=1-1.3
on odd links open ERR_FIXTURE
says 'bcdDevice 0x0800 at USB path 1-1.3, found 0x3600'
BOARD_USB=1-1
on odd links open ERR_FIXTURE
says 'expected an FT4232H (0403:6011) at USB path 1-1, found a device'
BOARD_USB=1-7
on odd links open ERR_FIXTURE FX0009
says 'expected an FT4232H with serial FX0009 at USB path 1-7, found nothing; FT4232H on the bus:'
exit $bad
