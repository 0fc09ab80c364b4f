#!/bin/sh
# faults.sh -- every fault of a virtual board, end to end: the verdict, the blame
# and what failed first are those of tests/run/faults.tsv, which must have a row
# for each fault that the firmware can have and agree with vboard's own table.
. tests/run/lib.sh
here=tests/run
batch=${FAULTS_BATCH:-10}
rows=0 seed=0
tab=$(printf '\t')

mkdir "$tmp/boards"
cp $here/faults/quick.ini "$tmp/boards/quick.ini"
cp $here/faults/plan.ini "$tmp/plan.ini"

grep -v '^#' $here/faults.tsv >"$tmp/rows"
# complete FIRMWARE TABLE: each fault that the firmware can have has a row in the
# table, with the verdict and the blame that vboard's own list tells.
complete() {
	"$BUILD/vboard" --list faults | awk -v f="$1" '{
		for (i = 4; i < NF && $i !~ /^(PASS|FAIL|ERROR)$/; i++)
			;
		if (i < NF && index("," $(i - 3) ",any,", "," f ",") + ($(i - 3) == "any"))
			print $1, $i, $(i + 1)
	}' >"$tmp/known"
	[ "$(wc -l <"$tmp/known")" -ge 25 ] || { echo "$1: fewer than 25 faults are known"; exit 1; }
	while read -r name verdict blame; do
		grep -v '^#' "$2" | awk -F'\t' -v n="$name" -v v="$verdict" -v b="$blame" \
			'{ split($1, w, " ") } w[1] == n && $2 == v && $3 == b { found = 1 } END { exit !found }' ||
			{ echo "$name: no row with $verdict, $blame in $2"; bad=1; }
	done <"$tmp/known"
}
complete console $here/faults.tsv
complete mt3620 $here/faults-mt3620.tsv

# world_make FILE: a world with a board for each row of FILE; units are the arguments
# --unit ... of a run.
world_make() {
	list=$1
	seed=$((seed + 1)) # else boards of two batches have the same MAC, and that is found
	printf '[world]\npace = real\nseed = %d\n' $seed >"$tmp/world.ini"
	printf '[fixture]\nid = FX-FAULTS\nboard = quick\n[channel console]\nport = C\nline = 115200 8N1\nlatency = 2 ms\nevent_char = 0x0A\n' >"$tmp/fixture.ini"
	printf '[station]\nid = ST-T\nfixture = fixture.ini\nboards = boards\ndata = var\n[reports]\nformats =\n[run]\nsecond_look = 0\n' >"$tmp/station.conf"
	n=0
	units=
	while IFS="$tab" read -r fault verdict blame first; do
		n=$((n + 1))
		port=$((ports + n))
		printf '[board %d]\nusb = 1-1.%d\nserial = FXT%02d\nfirmware = console\nos = 24.06\nboot_time = 500 ms\nrecovery_time = 400 ms\nnet = 127.0.0.1:%d\nlink_rate = 40 Mbit/s\nloopback = 0-1, 2-3, 4-5, 6-7\n' \
			$n $n $n $port >>"$tmp/world.ini"
		[ "$fault" = none ] || printf 'fault = %s\n' "$fault" >>"$tmp/world.ini"
		printf '[slot %d]\nusb = 1-1.%d\nftdi_serial = FXT%02d\nboard_network = 127.0.0.1:%d\n' \
			$n $n $n $port >>"$tmp/fixture.ini"
		units="$units --unit $(echo "$fault" | tr ' %/' '___')"
	done <"$list"
}

# batch_run FILE: such a world, all its boards tested at once.
batch_run() {
	world_make "$1"
	timeout -k 5 120 "$BUILD/vboard" -f "$tmp/world.ini" -- "$BUILD/station" \
		--conf "$tmp/station.conf" run "$tmp/plan.ini" --all $units --json >"$tmp/events" 2>"$tmp/errors"
	said_once "$tmp/events"
	n=0
	while IFS="$tab" read -r fault verdict blame first; do
		n=$((n + 1))
		rows=$((rows + 1))
		got=$(sed -n "s/.*\"event\":\"run_recorded\".*\"slot\":\"$n\",.*\"verdict\":\"\([A-Z]*\)\",\"blame\":\"\([a-z-]*\)\",\"first_fail\":\(null\|\"\([^\"]*\)\"\).*/\1 \2 \4/p" "$tmp/events")
		case $got in
		"$verdict $blame "*"$first"*) ;;
		*)
			echo "FAILED $fault: got '$got', must be '$verdict $blame $first'"
			grep "\"slot\":\"$n\"" "$tmp/events" | grep '"step_ended"' | tail -n 2
			head -n 3 "$tmp/errors"
			bad=1
			;;
		esac
	done <"$list"
}

grep -v '^mac_same_as' "$tmp/rows" | split -l "$batch" - "$tmp/batch."
for b in "$tmp"/batch.??; do
	batch_run "$b"
done

# The twin needs the other unit in the records first: two runs in one world.
{ printf 'none\tPASS\t-\t\n'; grep '^mac_same_as' "$tmp/rows"; } >"$tmp/twins"
twins_run() { # one slot after the other
	timeout -k 5 120 "$BUILD/vboard" -f "$tmp/world.ini" -- sh -c "
		'$BUILD/station' --conf '$tmp/station.conf' run '$tmp/plan.ini' --slot 1 --unit first --json &&
		'$BUILD/station' --conf '$tmp/station.conf' run '$tmp/plan.ini' --slot 2 --unit twin --json"
}
rm -rf "$tmp/var"
world_make "$tmp/twins"
rows=$((rows + 1))
twins_run >"$tmp/events" 2>"$tmp/errors"
# (It is not new after the recovery either; both must be told.)
grep -q '"unit":"twin".*"measure":"unique","value":false' "$tmp/events" &&
	grep -q '"unit":"twin".*"verdict":"FAIL","blame":"unit","first_fail":"mac#1' "$tmp/events" || {
	echo "FAILED mac_same_as 1"
	grep '"run_recorded"' "$tmp/events"
	bad=1
}

"$BUILD/station" --conf "$tmp/station.conf" verify >"$tmp/verify" || { cat "$tmp/verify"; bad=1; }
echo "$rows rows, record $(cut -d: -f1 <"$tmp/verify")"
exit $bad
