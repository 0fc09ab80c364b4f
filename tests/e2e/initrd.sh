#!/bin/sh
# initrd.sh OUT KERNEL-TREE CONF -- pack the guest: busybox, the modules of USB/IP and
# ftdi_sio, udevd with our rule, station, vboard and the helpers with the libraries
# that they are linked with, plans and fixtures.
set -eu
out=$1 kernel=$2 conf=$3
BUILD=${BUILD:-build}
. "$conf"
root=$BUILD/e2e/root
rm -rf "$root"
mkdir -p "$root/bin" "$root/sbin" "$root/proc" "$root/sys" "$root/dev" "$root/tmp" "$root/run" \
	"$root/mod" "$root/etc/udev" "$root/lib/udev/rules.d" "$root/usr/lib" "$root/bench" "$root/var"
chmod 1777 "$root/tmp"

cp /bin/busybox "$root/bin/"
for name in $(/bin/busybox --list); do
	[ -e "$root/bin/$name" ] || ln -s busybox "$root/bin/$name"
done
for m in common/usb-common core/usbcore usbip/usbip-core usbip/vhci-hcd serial/usbserial serial/ftdi_sio; do
	cp "$kernel"/lib/modules/*/kernel/drivers/usb/$m.ko "$root/mod/"
done

udevadm=$(command -v udevadm || echo /bin/udevadm)
cp "$udevadm" "$root/bin/udevadm"
ln -s ../bin/udevadm "$root/sbin/udevd" # Debian's udevd is udevadm by another name
cp /lib/udev/rules.d/50-udev-default.rules "$root/lib/udev/rules.d/"
cp fixtures/60-station.rules "$root/lib/udev/rules.d/"
cp "$(command -v iperf3)" "$BUILD/station" "$BUILD/vboard" "$BUILD/e2e/hotplug" "$root/bin/"
# What station loads by itself when it first needs it (base/lazy.def) stands in no ldd of it.
lazy=$(sed -n 's/^#define SONAME_[a-z0-9]* "\(.*\)"/\1/p' "$BUILD/gen/lazy_sonames.h" | while read -r so; do
	/sbin/ldconfig -p | awk -v so="$so" '$1 == so && /x86-64/ { print $NF; exit }'
done)
{
	ldd $lazy "$root/bin/udevadm" "$root/bin/iperf3" "$root/bin/station" "$root/bin/vboard" "$root/bin/hotplug"
	for lib in $lazy; do printf '\t=> %s\n' "$lib"; done
} | awk '/=> \// { print $(NF > 2 ? 3 : 2) } /^\t\/lib/ { print $1 }' | sort -u | while read -r lib; do
	mkdir -p "$root${lib%/*}"
	cp -L "$lib" "$root$lib"
done

cat >"$root/etc/passwd" <<'P'
root:x:0:0:root:/:/bin/sh
operator:x:1000:1000:operator:/bench:/bin/sh
guest:x:1001:1001:nobody of ours:/bench:/bin/sh
P
cat >"$root/etc/group" <<'P'
root:x:0:
tty:x:5:
dialout:x:20:
plugdev:x:46:operator
operator:x:1000:
guest:x:1001:
P
for g in disk:6 lp:7 kmem:15 cdrom:24 tape:26 audio:29 video:44 input:101 sgx:102 kvm:103 render:104; do
	echo "${g%:*}:x:${g#*:}:" >>"$root/etc/group"
done
echo 'passwd: files
group: files' >"$root/etc/nsswitch.conf"

for f in "$world" "$fixture" "$plan" "$conf" fixtures/boards tests/e2e/guest.sh $files; do
	mkdir -p "$root/bench/${f%/*}"
	cp -r "$f" "$root/bench/${f%/*}/"
done
[ -z "${kit-}" ] || BUILD=$BUILD fixtures/mt3620/kit.sh "$root/bench/$kit" >/dev/null
if [ -n "${boards-}" ]; then # those that the conf leaves out are not there at all
	for f in "$world" "$fixture"; do
		awk -v last="$boards" '/^\[/ { out = /^\[(board|slot) [0-9]+\]/ && $2 + 0 > last } !out' "$f" >"$root/bench/$f"
	done
fi
sed -i '/^fault/d; s/^\(usb *= *[0-9]*-\)[0-9]*\.\([0-9]*\)/\1\2/' "$root/bench/$world" "$root/bench/$fixture"
cp "$conf" "$root/bench/e2e.conf"
cat >"$root/bench/station.conf" <<C
[station]
id      = ST-E2E
fixture = $fixture
boards  = fixtures/boards
data    = /var/station
[reports]
formats = text, json
C
cp tests/e2e/init.sh "$root/init"
chmod 755 "$root/init"
(cd "$root" && find . | cpio --quiet -o -H newc -R 0:0 | gzip -1) >"$out.new"
mv "$out.new" "$out"
