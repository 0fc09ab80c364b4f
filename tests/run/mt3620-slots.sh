#!/bin/sh
# mt3620-slots.sh -- what sits in a slot, and what is not the unit's: interfaces by path,
# product and serial, a port that another program holds, a cable that is pulled and put
# back, a plan that contradicts itself or is edited, a station without its trust anchor.
. tests/run/lib.sh

mt3620_files
grep -v '^board_config' "$tmp/boards/rdb.ini" >"$tmp/boards/bare.ini"
station_conf() { # NAME FIXTURE
	printf '[station]\nid = ST-%s\nfixture = %s\nboards = boards\ndata = var-%s\n[reports]\nformats =\n' "$1" "$2" "$1" >"$tmp/$1.conf"
}
station_conf a fixture.ini
station_conf b fixture.ini
station_conf c bare.ini
conf=$tmp/a.conf

plan_of() { # NAME BOARD STEPS
	{
		printf '[plan]\ntitle = slots\nrevision = 1\nboard = %s\nproduct = T\nprocess = FCT\n' "$2"
		printf "$3"
	} >"$tmp/$1.ini"
}
os='[step os]\nkind = os_version\naccept = 24.06\nwithin = 3 s\n'
plan_of plan rdb "$os[step gpio]\nkind = gpio_loopback\npairs = 59-0, 56-1\ntimeout = 20 s\n"
plan_of retry rdb "${os}retry = 1\nretry_delay = 1 s\n"
plan_of mac bare '[step mac]\nkind = mac_persistence\nwithin = 3 s\n'
plan_of other rdb '[step recovery]\nkind = recovery\nimages = images\n[step os]\nkind = os_version\naccept = 23.05\n'

printf '[world]\npace = real\nseed = 4\n' >"$tmp/world.ini"
printf '[fixture]\nid = FX-T\nboard = rdb\nftdi_product = MSFT MT3620 Std Interface\n' >"$tmp/fixture.ini"
sed -n '/^\[channel/,$p' "$root/fixtures/mt3620-rdb.ini" >>"$tmp/fixture.ini"
boards=0
add() { # FIXTURE-LINE KEY-LINE...
	boards=$((boards + 1))
	printf '[slot %d]\nusb = 1-1.%d\nnetwork = 127.0.0.1:%d\n%s\n' $boards $boards $((ports + 50 + boards)) "$1" >>"$tmp/fixture.ini"
	shift
	{
		printf '[board %d]\nusb = 1-1.%d\nfirmware = mt3620\ntime_factor = 0.02\nanchor = pki\n' $boards $boards
		printf 'loopback = 59-0, 56-1\napp_station = 127.0.0.1:%d\n' $((ports + boards))
		printf '%s\n' "$@"
	} >>"$tmp/world.ini"
}
add '' 'serial = AS1' 'fault = rest_hangs'
add '' 'serial = ASX'
add '' 'serial = ASX'
add '' 'fault = eeprom_blank'
add '' 'fault = absent'
add '' 'serial = AS6' 'fault = two_on_one_path'
add 'ftdi_serial = AS7' 'fault = eeprom_serial ASOTHER'
add '' 'serial = AS8' 'fault = usb_replug request'
add '' 'serial = AS9' 'fault = app_locked'
add '' 'serial = AS10' 'board_config = no'
sed 's/^board = rdb/board = bare/' "$tmp/fixture.ini" >"$tmp/bare.ini"
world_begin

# What was expected, and what is there.
expect 0 "list slots" "$in_world" "$BUILD/station" --conf "$conf" list slots
sits() { has out "^slot $1  *USB 1-1\.$1  *$2" "slot $1"; }
sits 1 "0403:6011 'MSFT MT3620 Std Interface' serial AS1$"
sits 2 "0403:6011 'MSFT MT3620 Std Interface' serial ASX; 2 devices show this serial"
sits 3 "0403:6011 'MSFT MT3620 Std Interface' serial ASX; 2 devices show this serial"
sits 4 "0403:6011 'Quad RS232-HS'.*expected product 'MSFT MT3620 Std Interface': interface EEPROM not programmed"
sits 5 "no device"
sits 6 ".*2 devices answer at this path"
sits 7 ".*serial ASOTHER; expected serial AS7"

run() { # CONF PLAN SLOT
	timeout -k 5 60 "$in_world" "$BUILD/station" --conf "$tmp/$1.conf" run "$tmp/$2.ini" --slot "$3" --unit "U$3" --json
}
should() { # FILE VERDICT,BLAME,FIRST
	expected=$(echo "$2" | sed 's/\([^,]*\),\([^,]*\),\(.*\)/"verdict":"\1","blame":"\2","first_fail":\3/')
	grep '"run_recorded"' "$tmp/$1" | grep -q "$expected" && return
	complain "no '$expected' in:"
	grep -e '"run_recorded"' -e '"code":"' "$tmp/$1"
}
started() { # FILE
	i=0
	until grep -qs '"step_started"' "$tmp/$1" || [ $i -gt 200 ]; do
		i=$((i + 1))
		sleep 0.02
	done
}

# One holds the ports of a slot; another one's run there says so, and does not disturb it.
run a plan 1 >"$tmp/held" 2>&1 &
holder=$!
started held
sleep 0.3
run b plan 1 >"$tmp/busy" 2>&1
wait $holder
should busy 'ERROR,station,"os#1:ERR_BUSY"'
should held 'FAIL,unit,"os#1:ERR_TIMEOUT"'

# Interfaces with one serial are told apart by their paths: no fault, and a note in the
# record of each, which names what the interface showed.
timeout -k 5 60 "$in_world" "$BUILD/station" --conf "$conf" run "$tmp/plan.ini" --json \
	--slot 2 --unit U2 --slot 3 --unit U3 >"$tmp/one" 2>&1
should one 'PASS,-,null'
has_not one '"verdict":"\(FAIL\|ERROR\|ABORT\)' "both of them"
seen() { # UNIT JSON
	station report "$1" --format json >"$tmp/out" 2>&1
	has out "$2" "what the record of $1 says of its interface"
}
product='"seen_product":"MSFT MT3620 Std Interface"'
seen U2 "$product,\"seen_serial\":\"ASX\",\"seen_note\":\"slot 3 shows the same serial\""
seen U3 "$product,\"seen_serial\":\"ASX\",\"seen_note\":\"slot 2 shows the same serial\""
for i in 4 5 6 7; do
	run a plan $i >"$tmp/one" 2>&1
	should one 'ERROR,station,"os#1:ERR_FIXTURE"'
	has one "USB path 1-1\.$i" "slot $i"
done
seen U5 '"seen_product":null,"seen_serial":null,"seen_note":null'
seen U1 "$product,\"seen_serial\":\"AS1\",\"seen_note\":null"

# A cable that falls out and is put back: the step is repeated once where the plan says
# so, and the record tells both.
run a retry 8 >"$tmp/one" 2>&1
should one 'PASS,-,null'
has one '"attempt":1,"verdict":"ERROR","blame":"station","code":"ERR_GONE"' "the first attempt"
has one '"attempt":2,"verdict":"PASS"' "the second attempt"

# What the board's own log says stands in the record with the step that failed.
run a plan 9 >"$tmp/one" 2>&1
should one 'ERROR,plan,"gpio#1:ERR_LACKS"'
has one '"event":"console".*PATCH /app/status/[0-9a-f-]*: 403' "the log of the board"
station report U9 --format text >"$tmp/out" 2>&1
has out '| .*PATCH /app/status/' "the report"

# Nobody is to blame but the plan: no board configuration, images of another version.
run c mac 10 >"$tmp/one" 2>&1
should one 'ERROR,plan,"mac#1:ERR_IMAGES"'
expect 2 "images of a version that is not accepted" station check "$tmp/other.ini"
has out "images of step 'recovery' are those of 24.06, which step 'os' does not accept" "that plan"

# A plan that is edited while it runs changes the next run and not this one.
cp "$tmp/plan.ini" "$tmp/edited.ini"
run a edited 2 >"$tmp/one" 2>&1 &
runner=$!
started one
sed -i 's/24.06/99.01/; s/59-0/59-1/' "$tmp/edited.ini"
wait $runner
should one 'PASS,-,null'

# A station without its trust anchor tests nothing.
for anchor in none.pem app.image pki; do
	sed -i "s#^trust.*#trust = ../$anchor#" "$tmp/boards/rdb.ini"
	expect 2 "trust = $anchor" station check "$tmp/plan.ini"
	has out 'boards/rdb.ini:4:9: error: ' "trust = $anchor"
done
sed -i '/^trust/d' "$tmp/boards/rdb.ini"
expect 2 "no trust anchor" station check "$tmp/plan.ini"
has out "does not offer 'os_version'" "no trust anchor"

world_end || complain "the virtual boards did not end well"
whole "after all of it"
finish "slots of MT3620 boards: who sits there, and who is to blame"
