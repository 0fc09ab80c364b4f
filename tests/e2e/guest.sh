#!/bin/sh
# guest.sh -- the test itself, as root in the guest. Every check prints a line; the last
# line is "E2E-RESULT pass CHECKS" or "E2E-RESULT fail CHECKS FAILURES".
. ./e2e.conf
checks=0 failures=0
unit1=${units%% *} unit2=${units##* }
ok() { checks=$((checks + 1)); echo "ok     $*"; }
fail() { checks=$((checks + 1)) failures=$((failures + 1)); echo "FAILED $*"; }
# check WHAT COMMAND...
check() {
	what=$1
	shift
	if "$@" >/tmp/check 2>&1; then ok "$what"; else fail "$what"; head -n 40 /tmp/check; fi
}
# wait_for SECONDS COMMAND...: until it succeeds.
wait_for() {
	until=$(($(cut -d. -f1 /proc/uptime) + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$(cut -d. -f1 /proc/uptime)" -lt $until ] || return 1
		sleep 0.1
	done
}
terminals() { ls /dev/ | grep -c '^ttyUSB'; }
terminals_are() { [ "$(terminals)" -eq "$1" ]; }
gone() { [ ! -e "/sys/bus/usb/devices/$1" ]; }
node_of() { printf '/dev/bus/usb/%03d/%03d' "$(cat "/sys/bus/usb/devices/$1/busnum")" "$(cat "/sys/bus/usb/devices/$1/devnum")"; }
driver_of() { basename "$(readlink "/sys/bus/usb/devices/$1/driver")"; }
as_operator() { su operator -c "exec $*"; }
ctl() { timeout 60 vboard ctl "$@"; }
end() {
	dmesg | grep -E 'BUG:|WARNING:|Oops|Call Trace|blocked for more' >/tmp/kernel && { fail "the kernel complains"; cat /tmp/kernel; }
	if [ $failures -eq 0 ]; then
		echo "E2E-RESULT pass $checks"
	else
		dmesg | tail -n 40
		echo "E2E-RESULT fail $checks $failures"
	fi
	exit
}

# hangs: what every process of ours waits for.
hangs() {
	for p in /proc/[0-9]*; do
		name=$(cat $p/comm 2>/dev/null)
		case $name in station | vboard | iperf3) ;; *) continue ;; esac
		echo "$name ${p#/proc/}: $(grep -E '^(State|PPid|SigPnd|ShdPnd)' $p/status | tr '\t\n' ' ;')"
		for t in $p/task/*; do
			echo "  thread ${t##*/}: $(cat $t/wchan) $(cat $t/syscall)"
			cat $t/stack
		done
	done
	dmesg | tail -n 30
}

# --- the boards appear, as boards of any host would ---
vboard -f "$world" --vhci >/tmp/world.env 2>/tmp/world.err &
vboard=$!
wait_for 20 grep -q '^# ready' /tmp/world.env || { fail "vboard: $(cat /tmp/world.err)"; end; }
. /tmp/world.env
boards=$(ctl list | grep -c ' plugged$')
wait_for 30 terminals_are $((4 * boards))
check "ftdi_sio has four ttyUSB for each of $boards boards" terminals_are $((4 * boards))
for n in 1 2; do
	check "board $n sits at 1-$n" [ "$(ctl get $n usb)" = 1-$n ]
	check "1-$n is an FT4232H at high speed" [ "$(cat /sys/bus/usb/devices/1-$n/idProduct /sys/bus/usb/devices/1-$n/speed | tr '\n' ' ')" = '6011 480 ' ]
	check "1-$n: port A is ftdi_sio's" [ "$(driver_of 1-$n:1.0)" = ftdi_sio ]
	udevadm settle --timeout=20
	check "udev gives 1-$n to plugdev alone" [ "$(stat -c '%a %G' "$(node_of 1-$n)")" = '660 plugdev' ]
done

# --- a terminal program through ftdi_sio ---
talk() {
	port=/dev/$(basename "$(ls -d /sys/bus/usb/devices/1-1:1.$tty/ttyUSB*)")
	stty -F "$port" 115200 raw -echo || return 1
	timeout 20 cat "$port" >/tmp/heard &
	cat=$!
	sleep 0.5
	printf '%s\r' "$say" >"$port"
	wait_for 15 grep -q "$hear" /tmp/heard
	said=$?
	kill $cat
	wait $cat
	cat /tmp/heard
	return $said
}
[ -z "$say" ] || check "termios on the console port: '$say' is answered" talk

# --- hotplug: libusb hears of it from udevd ---
pull_and_put() {
	hotplug "1-2" >/tmp/hotplug &
	hotplug=$!
	wait_for 10 grep -q '^arrived 1-2$' /tmp/hotplug &&
	ctl unplug 2 && wait_for 20 grep -q '^left 1-2$' /tmp/hotplug &&
	ctl plug 2 && wait_for 20 grep -q '^again 1-2$' /tmp/hotplug
	heard=$?
	kill $hotplug 2>/dev/null
	cat /tmp/hotplug
	return $heard
}
check "libusb hears that 1-2 left and came, from udevd" pull_and_put
check "ttyUSB are there again" wait_for 30 terminals_are $((4 * boards))
udevadm settle --timeout=20
at_once() { ctl unplug 2 && ctl plug 2 && wait_for 30 gone 1-2; wait_for 30 terminals_are $((4 * boards)); }
check "a cable that is put back at once is in" at_once
udevadm settle --timeout=20

# --- who may ---
mkdir -p /var/station
chown operator /var/station
refused() { su guest -c 'station list slots' >/tmp/out 2>&1; cat /tmp/out; grep -q permission /tmp/out; }
check "who is not in plugdev is told that he may not" refused
lists() { as_operator station list slots >/tmp/out 2>&1; cat /tmp/out; grep -q '^slot 1 .*1-1 .*[A-Z0-9]' /tmp/out && ! grep -q 'permission\|no device' /tmp/out; }
check "who is in plugdev sees the slots" lists
check "ftdi_sio is named as who has the ports" grep -q '^slot 1 .*(A B C D: ftdi_sio)' /tmp/out

# --- two boards, one is pulled in the middle ---
busy() { as_operator station list slots >/tmp/out 2>&1; cat /tmp/out; grep -q "^slot 1 .*: program 'station' (pid [0-9]*)" /tmp/out; }
as_operator station run "$plan" --slot 1 --unit "$unit1" --slot 2 --unit "$unit2" --json >/tmp/events 2>/tmp/run.err &
run=$!
begun() { grep '"step_started"' /tmp/events | grep "\"unit\":\"$unit2\"" | grep -q "\"step\":\"$pull_at\""; }
if wait_for 60 begun; then
	check "ttyUSB of both are away while the station runs" wait_for 20 terminals_are $((4 * boards - 8))
	check "the list says which program has the ports" busy
	ctl unplug 2 && ok "board 2 is pulled in step '$pull_at'"
else
	fail "slot 2 came to step '$pull_at'"
fi
i=0
while kill -0 $run 2>/dev/null && [ $i -lt 1200 ]; do sleep 0.1; i=$((i + 1)); done
if kill -0 $run 2>/dev/null; then
	fail "the station does not end"
	hangs
	kill -9 $run
fi
wait $run
status=$?
[ $status -eq 3 ] && ok "exit status 3: a station error" || { fail "exit status $status, must be 3"; cat /tmp/run.err; tail -n 5 /tmp/events; }
ended() {
	grep '"run_recorded"' /tmp/events | grep "\"unit\":\"$1\"" >/tmp/ended
	grep -v '"console"\|"progress"' /tmp/events | grep "\"unit\":\"$1\""
	[ "$(wc -l </tmp/ended)" -eq 1 ] && grep "\"verdict\":\"$2\"" /tmp/ended | grep -q "\"blame\":\"$3\""
}
check "$unit1 on slot 1: PASS" ended "$unit1" PASS -
check "$unit2 on slot 2: ERROR, blame on the station" ended "$unit2" ERROR station
named() { as_operator "station report $unit2" >/tmp/out 2>&1; cat /tmp/out; grep -qi 'slot[ :]*2' /tmp/out && grep -q '1-2' /tmp/out && grep -qi 'unplugged' /tmp/out; }
check "the report names slot 2, 1-2 and that it was unplugged" named
nobody() { for c in /proc/[0-9]*/comm; do [ "$(cat $c 2>/dev/null)" != station ] || { hangs; return 1; }; done; }
check "no process of the station is left" wait_for 10 nobody
check "the record is whole" as_operator station verify
check "board 1's ttyUSB came back" wait_for 20 terminals_are $((4 * boards - 4))

# --- the slot goes on working ---
ctl plug 2
check "board 2's ttyUSB are there again" wait_for 30 terminals_are $((4 * boards))
udevadm settle --timeout=20
once_more() { as_operator station run "$plan" --slot 2 --unit "$unit2" --only "$again" --mode engineering >/tmp/out 2>&1; status=$?; cat /tmp/out; return $status; }
check "slot 2 works again" once_more
check "the record is whole still" as_operator station verify
check "ttyUSB came back" wait_for 20 terminals_are $((4 * boards))

kill $vboard
wait $vboard
check "vboard ends, the boards are gone" wait_for 20 gone 1-1
end
