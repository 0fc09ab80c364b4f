#!/bin/sh
# screen.sh [--write] -- the operator's screen in a terminal (forkpty and libvterm), over a
# made-up station that writes down each command: pictures of every state in every terminal
# (--write: writes them and does no more), keys, scans at scanner speed, sizes, a station
# that goes and comes back, a terminal that is closed, random keys and bursts.
# SCREEN_SECONDS: for how long the last; preset 6.
# alone: a scanner is told from a person by time
. tests/run/lib.sh
floor_pid=

floor_begin() { # SLOTS states|busy
	rm -f "$tmp/log" "$tmp/var/station.sock" # of one that was killed: not to be taken for it
	: >"$tmp/log"
	"$BUILD/tools/floor" "$tmp/var/station.sock" "$tmp/log" "$1" "$2" &
	floor_pid=$!
	i=0
	until [ -S "$tmp/var/station.sock" ]; do
		i=$((i + 1))
		[ $i -le 200 ] || { complain "the made-up station does not come up"; exit 1; }
		sleep 0.02
	done
}
floor_end() {
	kill "$floor_pid" 2>/dev/null
	wait "$floor_pid" 2>/dev/null
	floor_pid=
}

# in_terminal TERM ROWS COLS, the script on standard input
in_terminal() {
	cat >"$tmp/script"
	FLOOR_LOG=$tmp/log LC_ALL=${locale:-C.UTF-8} "$BUILD/tools/terminal" "$1" "$2" "$3" "$tmp/script" \
		"${program:-$BUILD/station}" --conf "$conf" >"$tmp/out" 2>"$tmp/err" && return 0
	complain "in $1 $2 x $3:"
	cat "$tmp/err"
	return 1
}

# said PATTERN WHAT: a command that was sent
said() { grep -q "^$1\$" "$tmp/log" || { complain "$2: no command '$1'"; cat "$tmp/log"; }; }
nothing_but() { # PATTERN WHAT
	grep -vE "^($1)" "$tmp/log" >"$tmp/others" && { complain "$2: also"; head -n 5 "$tmp/others"; }
}

# Every state in every terminal; and every code that the station says has its state.
pictures() {
	mkdir "$tmp/pictures"
	"$BUILD/tools/screens" $1 "$root/tests/golden/screens/states" "$tmp/pictures" \
		"$BUILD/station" >"$tmp/out" 2>&1 || {
		complain "pictures of the screen are other"
		head -n 200 "$tmp/out"
	}
	tail -n 1 "$tmp/out"
	"$BUILD/tools/screens" --codes | sort >"$tmp/codes"
	grep -ohE '(refuse|no|start_refused|desk_out|desk_say|desk_ill)\([^"]*"[a-z_]+"' \
		"$root"/station/floor/desk*.c | sed 's/.*"\(.*\)"/\1/' | sort -u >"$tmp/said"
	comm -13 "$tmp/codes" "$tmp/said" >"$tmp/others"
	[ ! -s "$tmp/others" ] || {
		complain "the station says codes that tests/unit/ui_notices.c shows nowhere:"
		cat "$tmp/others"
	}
	[ "$(wc -l <"$tmp/said")" -gt 30 ] || complain "no codes are found in the sources"
}
[ "$1" != --write ] || {
	pictures --write
	finish "pictures are written"
}

# Keys and scans.
keys_and_scans() {
floor_begin 4 states
in_terminal xterm-256color 24 80 <<S
wait AS00000001
sure 1000 AS01234567\r
sure 0 \e[24~\eOP\e[15~\r
scan 0 AS02\rAS03\r
wait two scans
scan 1000 AS0
wait in pieces
scan 1000 4321\r
wait in pieces
pause 3000
sure 87 \x00\x03\x1a\x13\x11tab\t\r
scan 8000 \e[24~\e[24~\r
sure 0 N\r
wait REFUSED
key F3
wait REFUSED
sure 0 Q\r
gone REFUSED
wait green lamp
scan 1000 \eOP\e[24~\r
wait green lamp
again F1 wait F12: take
again F12 gone green lamp
sure 0 W\r
wait Which slot
again down wait F12: take
again F12 gone Which slot
again F2 wait typed by hand
type AS77
wait AS77
again F12 gone typed by hand
key F5 F5
key F12
scan 1000 \e[200~pasted\e[24~\e[201~
leave 0
S
said 'scan slot=- text=AS01234567 serial=- reason=- question=0' "a scan"
said 'scan slot=- text=.x1b\[24~.x1bOP.x1b\[15~ serial=- reason=- question=0' "a label of keys"
said 'scan slot=- text=.x00.x03.x1a.x13.x11tab.t serial=- reason=- question=0' "control characters"
said 'answer slot=1 text=pass serial=- reason=- question=5' "an answer"
said 'choose slot=[1-4] text= serial=AS[0-9]* reason=- question=0' "a choice"
said 'typed slot=- text=AS77 serial=- reason=- question=0' "a typed label"
said 'scan slot=- text=pasted.x1b\[24~ serial=- reason=- question=0' "a paste"
said 'shown run-1' "a verdict that was seen"
grep -q 'AS0[23]\|AS0 \|4321' "$tmp/log" && complain "a doubtful scan was sent"
[ "$(grep -c '^answer' "$tmp/log")" = 1 ] || complain "a scan answered a question"
floor_end
}

# A refusal rings, unless station.conf says that it does not.
bell() {
for rings in yes no; do
	printf '[station]\nid = ST-T\ndata = var\n[sound]\nbell = %s\n' $rings >"$conf"
	floor_begin 4 states
	in_terminal xterm-256color 24 80 <<S
wait AS00000001
rang 0
sure 0 AS01234567\r
pause 300
rang 0
sure 0 N\r
wait REFUSED
pause 200
rang $([ $rings = yes ] && echo 1 || echo 0)
leave 0
S
	floor_end
done
}

# The keys of another terminal; German; sizes; stopped and woken.
another_terminal() {
floor_begin 4 states
in_terminal linux 25 80 <<S
wait AS00000001
again F1 wait This list
again F1 gone This list
sure 0 G\r
wait Hilfe
resize 10 40
wait zu klein
resize 90 300
wait Hilfe
resize 24 80
wait AS00000001
signal 20
pause 300
signal 18
pause 300
wait AS00000001
scan 0 \x1a
wait AS00000001
signal 19
scan 1000 AS66666666\r
pause 3900
signal 18
wait stand still
pause 1100
sure 1000 AS55555555\r
signal 15
end 143
S
grep -q AS66666666 "$tmp/log" && complain "a scan of long ago was sent when the screen was woken"
grep -q AS55555555 "$tmp/log" || complain "no scan is sent after the screen was woken"
floor_end
}

# What comes while the screen opens may have lost its beginning.
early_scan() {
cat >"$tmp/late" <<S
#!/bin/sh
until [ -e "$tmp/scanned" ]; do sleep 0.02; done
exec "$BUILD/station" "\$@"
S
chmod +x "$tmp/late"
for term in xterm-256color linux; do
	floor_begin 4 states
	rm -f "$tmp/scanned"
	program=$tmp/late in_terminal $term 24 80 <<S
scan 0 AS4444\r
run touch $tmp/scanned
wait while the screen opened
pause 1100
sure 1000 AS5555\r
leave 0
S
	grep -q AS4444 "$tmp/log" && complain "$term: a scan from before the screen was sent"
	grep -q AS5555 "$tmp/log" || complain "$term: no scan after that is sent"
	floor_end
done
}

# The station goes and comes back; the screen stays. Nothing is sent meanwhile.
station_goes() {
floor_begin 4 states
in_terminal xterm-256color 24 80 <<S
wait AS00000001
sure 0 X\r
wait no connection
scan 1000 AS01\r
leave 0
S
wait "$floor_pid"
floor_pid=
}

# The station says nothing for a while: the screen says so large, sends nothing, and goes
# back when it is heard again.
station_silent() {
floor_begin 4 states
in_terminal xterm-256color 24 80 <<S
wait AS00000001
run kill -STOP $floor_pid
wait does not answer since
scan 1000 AS77777777\r
wait does not answer since
run kill -CONT $floor_pid
gone does not answer since
wait nothing was done
sure 1000 AS88888888\r
leave 0
S
grep -q AS77777777 "$tmp/log" && complain "a scan reached the station long after it was made"
grep -q AS88888888 "$tmp/log" || complain "after the silence no scan reaches the station"
floor_end
}

# A station that dies is started again by the screen that started it.
station_dies() {
serve_of() { # the process that has the data folder
	for pid in $(pgrep -f 'station.*serve --idle-exit'); do
		tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q -e "$conf" && echo "$pid"
	done
}
rm -f "$tmp/var/station.sock"
mkfifo "$tmp/now"
(
	read -r _ <"$tmp/now"
	kill -9 "$(serve_of)"
) &
in_terminal xterm-256color 24 80 <<S
wait SCAN
run echo >$tmp/now
wait no connection
gone no connection
wait SCAN
leave 0
S
pid=$(serve_of)
[ -n "$pid" ] || complain "the station that died was not started again"
[ -z "$pid" ] || kill $pid
i=0
while [ -n "$(serve_of)" ] && [ $((i = i + 1)) -le 400 ]; do sleep 0.05; done
}

# A terminal that is closed ends the screen and nothing else.
terminal_closed() {
floor_begin 4 states
in_terminal xterm-256color 24 80 <<S
wait AS00000001
signal 1
end 129
S
kill -0 $floor_pid || complain "the station ended with its screen"
floor_end
}

# Whatever comes: without F12 by a finger no command but looking.
random_input() {
floor_begin 8 states
in_terminal xterm-256color 24 80 <<S
wait AS00000001
random ${SCREEN_SECONDS:-6} $$
key esc esc
wait AS00000001
S
nothing_but 'scan|find|plans|shift|watch|shown' "random keys and bursts (seed $$)"
[ "$(grep -c '^scan\|^find' "$tmp/log")" -gt 0 ] || complain "the random test sent nothing"
floor_end
}

# Sizes at random while 32 slots change, with each view and each dialogue open.
resize_storm() {
	floor_begin 32 busy
	n=0
	{
		echo "wait RUNS"
		for what in F1 F4 F9 esc F6 right F2 esc F7 F8 F9 esc esc F5 esc @P esc @W esc @N; do
			case $what in
			@*) printf 'sure 0 %s\\r\n' "${what#@}" ;;
			*) echo "key $what" ;;
			esac
			[ "$what" = esc ] || echo "storm 20 $(($$ + (n = n + 1)))"
		done
		echo "wait RUNS"
		echo "wait answer"
	} | in_terminal xterm-256color 24 80
	nothing_but 'scan|find|runs|show|plans|shift|watch|shown|forget' "a storm of sizes (seed $$)"
	floor_end
}

# A picture that comes in 2 s over a line of 1 Mbit/s: keys are felt all the while, sizes
# change, it is put aside and comes back; and nothing stands within its sequences.
picture_on_a_slow_line() { # kitty|sixel
	python3 "$root/tests/run/floor/noise.py" "$tmp/noise.png"
	FLOOR_PICTURE=$tmp/noise.png floor_begin 32 busy
	{
		printf 'wait RUNS\nsure 0 P\\r\nwait lamp on\n'
		for key in F3 F3 F3 F3; do echo "felt $key ${SLOW_FELT:-1000}"; done
		printf 'sure 1000 AS12\\r\nsure 16000 AS13\\r\nscan 1000 AS\\e[24~14\\eOP\\e[24~\\r\n'
		printf 'key esc\nagain F10 wait mark a line\nwait lamp on\n'
		printf 'storm 30 %d\nresize 43 132\nwait lamp on\npause 4500\n' $$
		printf 'key esc\nagain F10 wait mark a line\npause 400\n'
		printf 'again F1 wait F12: take\nagain F12 gone lamp on\n'
		printf 'leave 0\n'
	} >"$tmp/keys"
	FLOOR_LOG=$tmp/log LC_ALL=C.UTF-8 "$BUILD/tools/terminal" xterm-256color 43 132 "$tmp/keys" "$BUILD/tools/line" \
		"$1" 1000000 0 "$tmp/line" "$BUILD/station" --conf "$conf" >"$tmp/out" 2>"$tmp/err" || {
		complain "over a slow line to $1:"
		cat "$tmp/err"
	}
	grep '^ill' "$tmp/line" && complain "$1: what no terminal understands"
	has line "^$1 [0-9 ]*\$" "a picture that is whole"
	case $1 in
	kitty)
		has line '^placed' "kitty is told where"
		[ "$(grep -c '^kitty.*broken' "$tmp/line")" -gt 0 ] || complain "no picture is ended in its middle"
		[ "$(tail -n 1 "$tmp/line")" = 'deleted 21364' ] || complain "the picture stays: $(cat "$tmp/line")"
		;;
	sixel) has line 'cut$' "a key ends a sixel" ;;
	esac
	awk '$1 ~ /kitty|sixel/ { n = $NF == "cut" || $NF == "broken" ? 0 : $NF } n > 262400 { exit 1 }' \
		"$tmp/line" || complain "a picture is larger than its bound"
	# One with keys in it is whole, or in doubt when the computer is slow.
	nothing_but 'scan slot=- text=(P|AS12|AS13|AS.x1b.24~14.x1bOP.x1b.24~) |shown|answer slot=1 text=pass' \
		"$1 on a slow line"
	[ "$(grep -c '^answer' "$tmp/log")" = 1 ] || complain "one answer, once"
	said 'scan slot=- text=AS12 .*' "a scan meanwhile"
	said 'scan slot=- text=AS13 .*' "a slow scan meanwhile"
	floor_end
}
kitty_on_a_slow_line() { picture_on_a_slow_line kitty; }
sixel_on_a_slow_line() { picture_on_a_slow_line sixel; }

# A terminal that takes nothing: what is pressed meanwhile is dropped, then all goes on; and
# the screen ends all the same.
deaf_terminal() {
	floor_begin 32 busy
	in_terminal xterm-256color 90 300 <<S
wait RUNS
key F9 F9
deaf 4500 \e[24~
wait stood still
pause 1100
sure 1000 AS55555555\r
deaf 1000
signal 1
unread 129
S
	grep -q AS55555555 "$tmp/log" || complain "no scan is sent after the terminal was deaf"
	kill -0 $floor_pid || complain "the station ended with its screen"
	floor_end
}

# After its first picture the screen opens no file and waits for nobody: all calls that
# name a file, make a process or connect are told, and none is but the child that reads a
# picture, and the way back to a station that is gone.
touches_no_disk() {
	floor_begin 4 states
	cat >"$tmp/keys" <<S
wait AS00000001
key F1 F3 F4
key F6
scan 1000 AS01\r
key right F7 F8
again F2 wait typed by hand
type AS77
key esc
sure 0 N\r
sure 0 G\r
wait Hilfe
sure 0 P\r
wait lamp on
again F1 wait F12:
again F12 gone lamp on
resize 50 150
sure 0 X\r
pause 1500
leave 0
S
	env -u TZ FLOOR_LOG="$tmp/log" LC_ALL=C.UTF-8 ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0" "$BUILD/tools/terminal" xterm-256color 24 80 "$tmp/keys" \
		strace -e trace=file,process,connect,fsync,fdatasync,poll,ppoll,select,flock \
		-o "$tmp/calls" "$BUILD/station" --conf "$conf" >"$tmp/out" 2>"$tmp/err" || {
		complain "under strace:"
		cat "$tmp/err"
	}
	sed -n '/^ppoll/,$p' "$tmp/calls" >"$tmp/own" # from the first wait for events on
	[ "$(grep -c ppoll "$tmp/own")" -gt 50 ] || complain "the calls are not there"
	grep -q clone "$tmp/own" || complain "no child reads the picture"
	grep -vE '^(ppoll|poll\(\[.*\], 1, 0\)|clone|clone3|kill|wait4\([0-9]+, .*WNOHANG|exit_group|\+\+\+|--- SIG)' \
		"$tmp/own" | grep -vE 'O_PATH.O_DIRECTORY|connect\(.*station.sock|resumed' >"$tmp/others" && {
		complain "the screen may wait in"
		sort -u "$tmp/others" | head
	}
	grep -E 'ppoll\(.*, NULL, NULL' "$tmp/own" && complain "it waits without a bound"
	floor_end
}

# Twenty screens at once.
many_screens() {
	floor_begin 8 busy
	printf 'wait AS00000001\nagain F1 wait This list\nagain F1 gone This list\nleave 0\n' >"$tmp/keys"
	screens=
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		LC_ALL=C.UTF-8 "$BUILD/tools/terminal" xterm-256color 24 80 "$tmp/keys" \
			"$BUILD/station" --conf "$conf" >"$tmp/out$i" 2>&1 &
		screens="$screens $!"
	done
	for i in $screens; do wait "$i" || { complain "of twenty screens one failed"; cat "$tmp"/out*; }; done
	nothing_but 'shown' "twenty screens"
	floor_end
}

# No terminal: one message.
no_terminal() {
setsid -w "$BUILD/station" --conf "$conf" >"$tmp/out" 2>"$tmp/err" </dev/null
[ $? -eq 2 ] || complain "without a terminal: must end with 2"
has err 'needs a terminal' "without a terminal"
}

pictures
# The rest waits most of the time, each part in a folder of its own.
parts=
for part in keys_and_scans bell another_terminal early_scan station_goes station_silent \
	station_dies terminal_closed random_input resize_storm no_terminal kitty_on_a_slow_line \
	sixel_on_a_slow_line deaf_terminal touches_no_disk many_screens; do
	(
		tmp=$tmp/$part
		conf=$tmp/station.conf
		mkdir -p "$tmp/var"
		printf '[station]\nid = ST-T\ndata = var\n' >"$conf"
		trap '[ -z "$floor_pid" ] || kill $floor_pid 2>/dev/null' EXIT
		$part
		exit $bad
	) &
	parts="$parts $!"
done
for part in $parts; do wait "$part" || bad=1; done
finish "states in all terminals, keys, scans, sizes, random input"
