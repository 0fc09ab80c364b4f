#!/bin/sh
# mt3620-recovery.sh -- recoveries of virtual MT3620 boards through libftdi1 and libusb:
# both block sizes, both answers about the rate, sets of 14 to 20 images; each fault of a
# recovery with its verdict and blame (tests/run/faults-mt3620.tsv); bytes flipped and
# lost; a worker that is killed at bad moments; a second recovery after a death.
. tests/run/lib.sh

# Waits of the station are a tenth, the boards' own times a fiftieth.
quick='patience = 0.1'
trust='trust = ../../pki/ca.pem' # the service link says when a board is back
"$BUILD/vboard" pki "$tmp/pki" >/dev/null || exit 1

fixture_head() {
	printf '[fixture]\nid = FX-T\nboard = %s\nftdi_product = MSFT MT3620 Std Interface\n' "$1"
	sed -n '/^\[channel/,$p' "$root/fixtures/mt3620-rdb.ini"
}

# station_make DIR PROFILE-LINE...: a station of its own, with the board profile `rdb`.
station_make() {
	where=$1
	shift
	mkdir -p "$tmp/$where/boards"
	fixture_head rdb >"$tmp/$where/fixture.ini"
	# Each board speaks for itself here, also where two die alike.
	printf '[station]\nid = ST-T\nfixture = fixture.ini\nboards = boards\ndata = var\n[reports]\nformats =\n[run]\nsecond_look = 0\n' \
		>"$tmp/$where/station.conf"
	{
		printf '[board]\nfamily = mt3620\n'
		printf '%b\n' "$@"
	} >"$tmp/$where/boards/rdb.ini"
}

# plan_make DIR IMAGES [LINE...]
plan_make() {
	where=$1 set=$2
	shift 2
	{
		printf '[plan]\ntitle = recovery\nrevision = 1\nboard = rdb\nproduct = T\nprocess = FCT\n'
		printf '[step recovery]\nkind = recovery\nimages = %s\ntimeout = 4 min\n' "$set"
		[ $# -eq 0 ] || printf '%s\n' "$@"
	} >"$tmp/$where/plan.ini"
}

boards=0
# board_add DIR [KEY-LINE...]: a board in the world and a slot of the station for it
board_add() {
	boards=$((boards + 1))
	path=1-$((1 + (boards - 1) / 20)).$(((boards - 1) % 20 + 1))
	printf '[slot %d]\nusb = %s\n' $boards $path >>"$tmp/$1/fixture.ini"
	shift
	{
		printf '[board %d]\nusb = %s\nserial = AST%d\nfirmware = mt3620\ntime_factor = 0.02\nanchor = pki\n' \
			$boards $path $boards
		[ $# -eq 0 ] || printf '%s\n' "$@"
	} >>"$tmp/world.ini"
}

world_new() {
	printf '[world]\npace = real\nseed = %s\n' "${1:-3}" >"$tmp/world.ini"
	boards=0
}

# run_in DIR UNITS...: the station of DIR, one unit per slot; events in DIR/events
run_in() {
	where=$1
	shift
	units=
	for u in "$@"; do units="$units --unit $u"; done
	timeout -k 5 200 "$in_world" "$BUILD/station" --conf "$tmp/$where/station.conf" run \
		"$tmp/$where/plan.ini" --all $units --json >"$tmp/$where/events" 2>"$tmp/$where/errors"
}

# got DIR SLOT: "VERDICT blame first_fail"
got() {
	sed -n "s/.*\"event\":\"run_recorded\".*\"slot\":\"$2\",.*\"verdict\":\"\([A-Z]*\)\",\"blame\":\"\([a-z-]*\)\",\"first_fail\":\(null\|\"\([^\"]*\)\"\).*/\1 \2 \4/p" "$tmp/$1/events"
}

# measure DIR SLOT NAME: its value as JSON has it
measure() {
	sed -n "s/.*\"slot\":\"$2\".*\"measure\":\"$3\",\"value\":\([^,}]*\).*/\1/p" "$tmp/$1/events"
}

should() { # DIR SLOT WHAT EXPECTED-BEGIN
	is=$(got "$1" "$2")
	case $is in
	"$4"*) ;;
	*)
		complain "$3: got '$is', must be '$4'"
		grep "\"slot\":\"$2\"" "$tmp/$1/events" | grep '"step_ended"' | tail -n 1
		head -n 3 "$tmp/$1/errors"
		;;
	esac
}

images() { "$BUILD/vboard" images "$tmp/$1" --images "$2" --bytes "$3" >/dev/null || exit 1; }
images set14 14 120000
images set17 17 200000
images set20 20 150000

# --- good ones, each with a station of its own, side by side ---
# what|lines of the profile|set|images|line of the board|rate
cat >"$tmp/good.list" <<'EOF'
blocks of 128, fast||set17|17||3000000
blocks of 1K, fast|xmodem_block = 1024|set17|17|xmodem_1k = yes|3000000
blocks of 128, slow|rate = slow|set14|14||115200
blocks of 1K, slow|rate = slow\nxmodem_block = 1024|set14|14|xmodem_1k = yes|115200
14 images||set14|14||3000000
20 images|rate = fast|set20|20||3000000
asked by type||set14|14|ask_by_type = yes|3000000
no flow control within files|xmodem_flow = no|set14|14||3000000
log entries|recovery_log = yes|set14|14||3000000
EOF
good() {
	world_new
	while IFS='|' read -r what lines set count key rate; do
		n=$((boards + 1))
		station_make "good$n" "$quick" "$lines"
		plan_make "good$n" "../$set" "limit images = == $count"
		board_add "good$n" ${key:+"$key"}
	done <"$tmp/good.list"
	world_begin
	pids=
	n=0
	while [ $n -lt $boards ]; do
		n=$((n + 1))
		run_in "good$n" "G$n" &
		pids="$pids $!"
	done
	for p in $pids; do wait "$p"; done
	n=0
	while IFS='|' read -r what lines set count key rate; do
		n=$((n + 1))
		should "good$n" $n "$what" "PASS - "
		progress "good$n" "$count" "$(image_kb "$set")"
		is "good$n" $n images "$count"
		is "good$n" $n rate "$rate"
		is "good$n" $n resets 0
		# The boards switch 1 ms after the answer: a station that is slower than that hears
		# at the old rate what is said at the new one, six times at most.
		bad_frames=$(measure "good$n" $n bad_frames)
		[ "${bad_frames:-7}" -le $((rate > 115200 ? 6 : 0)) ] || complain "$what: bad_frames is $bad_frames"
		is "good$n" $n images_sha256 "\"$(cd "$tmp/$set" && ls | grep -E '\.(bin|imagemanifest)$' |
			LC_ALL=C sort | xargs sha256sum | sha256sum | cut -d' ' -f1)\""
	done <"$tmp/good.list"
	world_end || complain "the virtual boards did not end well"
}

# kB of the images of a set, without the three named files
image_kb() {
	(cd "$tmp/$1" && cat $(ls | grep -E '^[0-9a-f]{32}\.bin$')) | wc -c | awk '{ printf "%.0f", $1 / 1000 }'
}

# progress DIR IMAGES KB: the phases of the official tool, in its order; all images and bytes
# are left at first and none at the end, less with each line, each image for itself; from the
# first bytes on with rate and time left.
progress() {
	grep '"event":"progress"' "$tmp/$1/events" | sed 's/.*"text":"\([^"]*\)".*/\1/' >"$tmp/told"
	awk -v images="$2" -v kb="$3" '
		BEGIN {
			n = split("resetting into recovery|sending the recovery bootloader|sending the recovery application|erasing the flash|flash is erased|#|all images are sent; the board ends its recovery|recovery is complete; waiting for the board to boot", phase, "|")
			at = 1; left = images; bytes = kb
		}
		/images left/ {
			if (phase[at] == "#") at++
			if (phase[at - 1] != "#") wrong = wrong "; images before " phase[at]
			if ($1 > left || $1 < left - 1 || $3 != images) wrong = wrong "; " left " images were left, then: " $0
			if ($6 > bytes || $8 != kb) wrong = wrong "; " bytes " kB were left, then: " $0
			if ($6 < kb && $0 !~ /, [0-9]+ kB\/s, [0-9]+ s left$/) wrong = wrong "; no rate or time left: " $0
			left = $1; bytes = $6; lines++; next
		}
		$0 == phase[at] { at++ }
		END {
			if (at <= n) wrong = wrong "; it never says: " phase[at]
			if (left != 0 || bytes != 0) wrong = wrong "; at the end " left " images and " bytes " kB are left"
			if (lines < images) wrong = wrong "; " lines + 0 " lines for " images " images"
			if (wrong != "") print substr(wrong, 3)
		}' "$tmp/told" >"$tmp/wrong"
	[ ! -s "$tmp/wrong" ] || complain "$what: progress: $(cat "$tmp/wrong")"
}

# is DIR SLOT MEASURE VALUE
is() {
	value=$(measure "$1" "$2" "$3")
	[ "$value" = "$4" ] || complain "$what: $3 is $value, must be $4"
}

# --- every fault of a recovery ---
faults() {
	awk -F'\t' '!/^#/ && ($4 ~ /^recovery#1/ || $1 ~ /^(none|needs_second|rate_|recovery_noise)/)' \
		tests/run/faults-mt3620.tsv >"$tmp/rows"
	world_new 1
	station_make faults "$quick" "$trust"
	plan_make faults ../set14
	units=
	while IFS="$tab" read -r fault verdict blame first; do
		line=
		[ "$fault" = none ] || line="fault = $fault"
		board_add faults ${line:+"$line"}
		units="$units $(echo "$fault" | tr ' %/' '___')"
	done <"$tmp/rows"
	world_begin
	run_in faults $units
	said_once "$tmp/faults/events"
	n=0
	while IFS="$tab" read -r fault verdict blame first; do
		n=$((n + 1))
		should faults $n "$fault" "$verdict $blame $first"
	done <"$tmp/rows"
	[ $n -ge 25 ] || complain "only $n faults were tried"
	world_end || complain "the virtual boards did not end well"
}

# --- a flipped or lost byte in 10,000, both ways, or a flipped bit, which is eight times as
# much: all images, or a named error ---
noise() {
	world_new 7
	station_make noise "$quick"
	plan_make noise ../set17
	for fault in noise drop; do
		for key in '' 'xmodem_1k = yes' 'ask_by_type = yes'; do
			board_add noise "fault = recovery_$fault 0.01 %" ${key:+"$key"}
		done
	done
	for key in '' 'xmodem_1k = yes'; do
		board_add noise 'fault = recovery_noise 0.08 %' ${key:+"$key"}
	done
	world_begin
	run_in noise N1 N2 N3 N4 N5 N6 N7 N8
	passed=0
	for n in 1 2 3 4 5 6 7 8; do
		case $(got noise $n) in
		"PASS - ")
			passed=$((passed + 1))
			what="noise, board $n"
			is noise $n images 17
			[ "$("$in_world" "$BUILD/vboard" ctl get $n recoveries)" = 1 ] ||
				complain "$what: it passed, and the board has finished no recovery"
			;;
		"ERROR station recovery#1:ERR_LINE" | "ERROR station recovery#1:ERR_RECOVERY_LINK" | \
			"ERROR open recovery#1:ERR_SILENT" | "ERROR open recovery#1:ERR_UNDECIDED") ;;
		*) complain "noise, board $n: got '$(got noise $n)'" ;;
		esac
	done
	[ $passed -ge 3 ] || complain "noise: only $passed of 8 recoveries were carried through"
	world_end || complain "the virtual boards did not end well"
}

# --- a worker that is killed leaves RESET and RECOVERY released ---
# pins N: mode of port D, RESET (1: not held), RECOVERY (1: active)
pins() {
	"$in_world" "$BUILD/vboard" ctl get "$1" ports | sed 's/.*, //' | while read -r mode hex; do
		echo "$mode $((0x$hex >> 6 & 1)) $((0x$hex >> 5 & 1))"
	done
}
# until_is WHAT COMMAND...: waits for this output, which on a quiet computer comes in 8 s at most
until_is() {
	want=$1
	shift
	i=0
	while [ "$("$@")" != "$want" ]; do
		i=$((i + 1))
		[ $i -le 1000 ] || { complain "$what: '$("$@")', must be '$want'"; return 1; }
		sleep 0.02
	done
}
state() { "$in_world" "$BUILD/vboard" ctl get 1 state; }
# killed WHAT COMMAND WANTED [LINE]: kills the worker when COMMAND says WANTED
killed() {
	what=$1
	run_in kill K1 &
	run=$!
	until_is "$3" $2
	station=$(pgrep -P "$(pgrep -P $run timeout)" station)
	worker=$(pgrep -P "$station" station | head -n 1)
	kill -9 "$worker" || complain "$what: no worker"
	wait $run
	should kill 1 "$what" "ERROR station recovery#1:ERR_WORKER"
	until_is "uart 1 0" pins 1
}
kills() {
	world_new
	station_make kill "$quick" 'reset_low = 3 s' 'strap_hold = 3 s'
	plan_make kill ../set17
	board_add kill
	world_begin
	until_is "uart 1 0" pins 1
	killed "killed while RESET is held" "pins 1" "bitbang 0 1"
	killed "killed while RECOVERY is held" "pins 1" "bitbang 1 1"
	station_make kill "$quick"
	printf '[slot 1]\nusb = 1-1.1\n' >>"$tmp/kill/fixture.ini"
	killed "killed in the middle of the recovery" state recovery
	what="stopped by the operator in the middle of the recovery"
	run_in kill K1 &
	run=$!
	until_is recovery state
	kill -INT "$(pgrep -P "$(pgrep -P $run timeout)" station)" || complain "$what: no station"
	wait $run
	should kill 1 "$what" "ABORTED operator"
	until_is "uart 1 0" pins 1
	run_in kill K2
	what="after the kills"
	should kill 1 "$what" "PASS - "
	is kill 1 images 17
	station_make kill "$quick" 'reset_low = 3 s' 'strap_hold = 3 s'
	printf '[slot 1]\nusb = 1-1.1\n' >>"$tmp/kill/fixture.ini"
	for held in 'bitbang 0 1' 'bitbang 1 1'; do # supervisor and worker: nobody is left but the guard
		what="all killed at '$held'"
		run_in kill K1 &
		run=$!
		until_is "$held" pins 1
		station=$(pgrep -P "$(pgrep -P $run timeout)" station)
		[ -n "$(pgrep -P "$station" outputs-guard)" ] || complain "$what: there is no guard"
		kill -9 "$station" $(pgrep -P "$station" station)
		wait $run
		what="after: $what"
		until_is "uart 1 0" pins 1
		i=0
		while pgrep -f "station --conf $tmp/kill/station.conf" >"$tmp/left" && [ $((i += 1)) -lt 250 ]; do sleep 0.02; done
		[ ! -s "$tmp/left" ] || complain "$what: left behind: $(cat "$tmp/left")"
	done
	world_end || complain "the virtual boards did not end well"
}

# --- a board that dies in its recovery is recovered again ---
twice() {
	world_new
	station_make twice "$quick"
	plan_make twice ../set14
	board_add twice 'fault = dies_at 2'
	board_add twice 'fault = dies_at 14'
	world_begin
	run_in twice D1 D2
	should twice 1 "dies" "ERROR open recovery#1:ERR_SILENT"
	should twice 2 "dies at the last image" "ERROR open recovery#1:ERR_SILENT"
	run_in twice D1 D2
	should twice 1 "recovered after its death" "PASS - "
	should twice 2 "recovered after its death" "PASS - "
	world_end || complain "the virtual boards did not end well"
}

# --- a set that is not complete is found before the board is touched ---
sets() {
	images bad 14 120000
	rm "$(ls "$tmp"/bad/*.bin | grep -v recovery- | head -n 1)"
	world_new
	station_make sets "$quick"
	plan_make sets ../bad
	board_add sets
	world_begin
	run_in sets S1
	should sets 1 "a file is missing" "ERROR plan recovery#1:ERR_IMAGES"
	[ "$("$in_world" "$BUILD/vboard" ctl get 1 recoveries)" = 0 ] || complain "the board was touched"
	[ "$("$in_world" "$BUILD/vboard" ctl get 1 bytes | grep -c ', 0 to the board')" = 1 ] ||
		complain "the board was written to: $("$in_world" "$BUILD/vboard" ctl get 1 bytes)"
	world_end || complain "the virtual boards did not end well"
}

# --- what sits at the slots ---
slots() {
	world_new
	station_make slots "$quick"
	for fault in '' eeprom_blank absent two_on_one_path 'eeprom_serial AS1' 'eeprom_serial AS1'; do
		board_add slots ${fault:+"fault = $fault"}
	done
	sed -i '/^usb = 1-1.1$/s/$/\nftdi_serial = OTHER/' "$tmp/slots/fixture.ini"
	world_begin
	expect 0 "list slots" "$in_world" "$BUILD/station" --conf "$tmp/slots/station.conf" list slots
	has out "^slot 1  *USB 1-1.1  *0403:6011 'MSFT MT3620 Std Interface' serial AST1; expected serial OTHER\$" "another serial"
	has out "^slot 2 .*'Quad RS232-HS' serial (none); expected product 'MSFT MT3620 Std Interface': interface EEPROM not programmed" "blank EEPROM"
	has out "^slot 3 .*no device\$" "nothing plugged in"
	has out "^slot 4 .*; 2 devices answer at this path" "two on one path"
	has out "^slot 5 .*serial AS1; 2 devices show this serial\$" "serials of an early EEPROM"
	world_end || complain "the virtual boards did not end well"
}

tab=$(printf '\t')
if [ $# -gt 0 ]; then
	for part; do $part; done
	exit $bad
fi
# Most of it is waiting: two lanes side by side, each with a world of its own.
lanes=
for lane in 'slots sets good kills twice' 'faults noise'; do
	"$0" $lane >"$tmp/lane.${lane%% *}" 2>&1 &
	lanes="$lanes $!"
done
for l in $lanes; do wait "$l" || bad=1; done
cat "$tmp"/lane.*
[ $bad -ne 0 ] || echo "recoveries of good, faulty, noisy and killed boards"
exit $bad
