#!/bin/sh
# run.sh [CONF...] -- boot Debian's stock kernel in a software-emulated PC and run the
# station in it on virtual boards: real vhci_hcd, usbfs, udevd and ftdi_sio. What is
# tested is in guest.sh; with which boards and plan, in CONF (console.conf).
#
# Exit status 0: passed; 1: failed; 77 and a line "SKIPPED: e2e: ...": it could not
# be run here, which is no pass. The log of each boot stays in $BUILD/e2e.
BUILD=${BUILD:-build}
here=tests/e2e
[ $# -gt 0 ] || set -- $here/mt3620.conf $here/console.conf
conf=$1
name=${conf##*/}
name=${name%.conf}
dir=$BUILD/e2e
budget=${E2E_SECONDS:-290} first=200 least=45 # of all boots, of a conf's first, of its second
from=$(date +%s)
if [ $# -gt 1 ]; then # one after the other, in the time of one
	for c; do
		E2E_SECONDS=$((budget - ($(date +%s) - from))) "$0" "$c" || exit $?
	done
	exit 0
fi
mkdir -p "$dir" || exit 1
rm -f "$dir"/result "$dir/boot-$name"-*.log
end() { # STATUS TEXT
	echo "$2" | tee "$dir/result"
	exit "$1"
}
skip() { end 77 "SKIPPED: e2e: $*"; }
fail() { end 1 "e2e: $name: FAILED: $*"; }

[ "$(uname -m)" = x86_64 ] || skip "a $(uname -m) machine; the guest is an x86_64"
for tool in qemu-system-x86_64 cpio udevadm dpkg apt-get apt-cache iperf3; do
	command -v $tool >/dev/null || skip "$tool is not installed"
done
/bin/busybox --list 2>/dev/null | grep -q '^insmod$' || skip "busybox-static is not installed"

# The kernel that Debian's own package names, never a pattern: the pool has many.
named() { apt-cache depends linux-image-amd64 2>/dev/null | awk '/Depends: linux-image-/ { print $2; exit }'; }
package=$(named)
[ -n "$package" ] || [ "$(id -u)" != 0 ] || { timeout 120 apt-get -q update >"$dir/download.log" 2>&1; package=$(named); }
kept=$(cat "$dir/kernel.name" 2>/dev/null)
package=${package:-$kept}
[ -n "$package" ] || skip "apt does not know linux-image-amd64; apt-get update"
if [ "$package" != "$kept" ]; then
	echo "e2e: getting $package"
	rm -rf "$dir/kernel" "$dir/debs"
	mkdir -p "$dir/debs"
	(cd "$dir/debs" && timeout 300 apt-get -q download "$package") >"$dir/download.log" 2>&1 ||
		skip "$package cannot be had: $(tail -n 1 "$dir/download.log")"
	mkdir -p "$dir/kernel"
	dpkg --fsys-tarfile "$dir"/debs/"$package"_*.deb | tar -x -C "$dir/kernel" --wildcards \
		'./boot/vmlinuz-*' './lib/modules/*/kernel/drivers/usb/*' ||
		fail "$package cannot be unpacked"
	rm -rf "$dir/debs"
	echo "$package" >"$dir/kernel.name"
fi
vmlinuz=$(echo "$dir"/kernel/boot/vmlinuz-*)
[ -r "$vmlinuz" ] || { rm -f "$dir/kernel.name"; fail "$package has no vmlinuz"; }

BUILD=$BUILD $here/initrd.sh "$dir/initrd.gz" "$dir/kernel" "$conf" || fail "the guest cannot be packed"

# boot LOG SECONDS: 0 passed, 1 failed, 2 no result.
boot() {
	timeout -k 5 "$2" qemu-system-x86_64 -accel tcg,thread=multi -cpu max -M pc -m 1024 -smp 2 \
		-nodefaults -no-user-config -nographic -serial stdio -no-reboot \
		-kernel "$vmlinuz" -initrd "$dir/initrd.gz" \
		-append "console=ttyS0 quiet panic=-1 rdinit=/init" </dev/null 2>&1 | tr -d '\r' >"$1"
	grep -aE '^(ok|FAILED|e2e:)' "$1"
	case $(grep -a '^E2E-RESULT' "$1") in
	"E2E-RESULT pass "[1-9]*) return 0 ;;
	"E2E-RESULT fail "*) sed -n '/^FAILED/,/^ok/p' "$1"; return 1 ;;
	*) return 2 ;;
	esac
}

# No result is nobody's verdict: one more boot, in the time that is left.
for try in 1 2; do
	seconds=$((budget - ($(date +%s) - from)))
	[ $try -eq 1 ] || [ $seconds -ge $least ] || break
	[ $seconds -le $first ] || seconds=$first
	log=$dir/boot-$name-$try.log
	boot "$log" $seconds
	result=$?
	[ $result -eq 2 ] || break
	echo "e2e: boot $try came to no result within $seconds s; its end:"
	tail -n 15 "$log"
done
took=$(($(date +%s) - from))
[ $result -eq 0 ] || fail "after $took s; see $log"
end 0 "e2e: $name: passed: $(grep -ac '^ok' "$log") checks on $package in $took s"
