#!/bin/sh
# PID 1 of the guest: file systems, modules, udevd, the test, power off.
export PATH=/bin:/sbin HOME=/
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/shm /dev/pts
mount -t tmpfs tmp /dev/shm
ln -s /proc/self/fd /dev/fd
ip link set lo up
echo "e2e: up at $(cut -d' ' -f1 /proc/uptime) s"
for m in usb-common usbcore usbip-core vhci-hcd usbserial ftdi_sio; do
	insmod /mod/$m.ko || echo "e2e: insmod $m failed"
done
udevd --daemon 2>&1
udevadm trigger --action=add
udevadm settle --timeout=20
echo "e2e: modules and udevd at $(cut -d' ' -f1 /proc/uptime) s"
cd /bench
sh tests/e2e/guest.sh
echo "e2e: ends at $(cut -d' ' -f1 /proc/uptime) s"
sync
poweroff -f
