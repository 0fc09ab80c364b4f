#!/bin/sh
# run.sh [NAME...] -- the benchmarks, one table: each figure beside a reference of the same
# run. It says whether a target is met and never fails because of it; only a
# benchmark that could not measure fails. BENCH_FOLDER: where records are
# written, preset in the build folder; it must be on the disk that matters.
# BENCH_KEEP=1 leaves the folder.
build=$(cd "${BUILD:-build}" && pwd) || exit 1
root=$PWD
slots=16
only=${*:-start step units link memory slots recovery}
folder=${BENCH_FOLDER:-$build/bench-run}
rm -rf "$folder"
mkdir -p "$folder" && cd "$folder" || exit 1
bad=0

# in_folder NAME COMMAND...: run it in a folder of its own
in_folder() {
	name=$1
	case " $only " in *" $name "*) ;; *) return ;; esac
	mkdir -p "$folder/$name" && cd "$folder/$name" || exit 1
	shift
	timeout -k 5 300 "$@" || { echo "    (bench_$name could not measure)"; bad=1; }
	cd "$folder" || exit 1
}

# one fixture and one world of $slots boards for those that need boards
mkdir -p start units step slots memory link
printf '[world]\npace = real\nseed = 1\n' >world.ini
printf '[fixture]\nid = FX-BENCH\nboard = virtual-console\n[channel console]\nport = C\nline = 115200 8N1\nlatency = 2 ms\nevent_char = 0x0A\n' >fixture.ini
n=1
while [ $n -le $slots ]; do
	printf '[board %d]\nusb = 1-1.%d\nserial = FXB%02d\nfirmware = console\nos = 24.06\n' \
		$n $n $n >>world.ini
	printf '[slot %d]\nusb = 1-1.%d\nftdi_serial = FXB%02d\n' $n $n $n >>fixture.ini
	n=$((n + 1))
done
conf="[station]\nid = BENCH\nfixture = %s\nboards = $root/fixtures/boards\ndata = var\n[reports]\nformats =\n"
printf "$conf" "$folder/fixture.ini" >slots/station.conf
cp slots/station.conf memory/station.conf
printf "$conf" "$root/fixtures/demo.ini" >start/station.conf
plan='[plan]\ntitle = bench\nrevision = 1\nboard = virtual-console\nproduct = BENCH\nprocess = FCT\n'
{
	printf "$plan"
	for i in 1 2 3 4 5 6 7 8 9 10; do
		printf '[step w%d]\nkind = wait\nfor = 1 ms\nlimit waited = <= 10 s\n' $i
	done
} >start/start.ini
{
	printf "$plan"
	for i in 1 2 3 4; do
		printf '[step c%d]\nkind = console\nsend = id\nexpect = /^[0-9a-f]+/m\n' $i
		printf '[step w%d]\nkind = wait\nfor = 500 ms\n' $i
	done
} >slots/waits.ini
{
	printf "$plan"
	printf '[step c]\nkind = console\nsend = id\nexpect = /^[0-9a-f]+/m\n'
	printf '[step hold]\nkind = wait\nfor = 3 s\n'
} >memory/hold.ini
printf '[board 1]\nusb = 1-1.2\nfirmware = echo\nserial = FX0001\n' >echo.ini

cpu=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | sed -n 1p)
echo "machine: ${cpu:-$(uname -m)}, $(nproc) cores, Linux $(uname -r), load $(cut -d' ' -f1-3 /proc/loadavg); records on $(df --output=fstype . | tail -n 1)"
"$build/bench/bench_units" --head
in_folder start "$build/bench/bench_start" "$build/station"
in_folder step "$build/bench/bench_step"
in_folder units "$build/bench/bench_units"
in_folder link "$build/vboard" -f ../echo.ini -- "$build/bench/bench_link" "$build/vboard"
in_folder memory "$build/vboard" -f ../world.ini -- \
	"$build/bench/bench_memory" "$build/station" hold.ini $slots
in_folder slots "$build/vboard" -f ../world.ini -- "$build/bench/bench_slots" waits.ini $slots
printf '[world]\npace = real\nseed = 1\n' >mt3620.ini
n=1
while [ $n -le 8 ]; do
	printf '[board %d]\nusb = 1-1.%d\nserial = ASB%d\nfirmware = mt3620\nerase_time = 0 s\nwrite_rate = 0 bit/s\nboot_time = 0 s\nservice_time = 0 s\nxmodem_1k = yes\n' \
		$n $n $n >>mt3620.ini
	n=$((n + 1))
done
mkdir -p recovery
"$build/vboard" images recovery/set --images 17 --bytes full >/dev/null || bad=1
in_folder recovery "$build/vboard" -f ../mt3620.ini -- "$build/bench/bench_recovery" set 8 1
echo "load at the end: $(cut -d' ' -f1-3 /proc/loadavg)"
[ -n "$BENCH_KEEP" ] || { cd "$root" && rm -rf "$folder"; }
exit $bad
