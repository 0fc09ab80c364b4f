#!/bin/sh
# plain.sh -- the station as lines of text: it starts the serving station itself, tells
# each change of meaning in a line, and what runs goes on when it leaves.
. tests/run/lib.sh
write_files 2
sed -i 's/^data = var/data = var\nplans = plans/' "$conf"
sed -i 's/^board = .*/board = none/' "$tmp/fixture.ini"
mkdir "$tmp/plans"
plan plans/a.ini none <<'P'
serial = /^A/
instruction = close the lid
[step w]
kind = wait
for = 50 ms
limit waited = >= 0 s
[step led]
kind = prompt
text = Is the LED green?
P
plan plans/l.ini none <<'P'
serial = /^L/
[step w]
kind = wait
for = 2 s
limit waited = >= 0 s
P
serve_pid() { pgrep -f "station --conf $conf serve" | head -n 1; }
at_end() { p=$(pgrep -f "station --conf $conf serve") && kill -9 $p; }
# says PATTERN WHAT: within ten seconds a line matches.
says() {
	i=0
	until grep -q -e "$1" "$tmp/said"; do
		i=$((i + 1))
		[ $i -lt 500 ] || { complain "$2: no '$1' in:"; tail -n 5 "$tmp/said"; return; }
		sleep 0.02
	done
}

# In a terminal, over a made-up station: bytes that a terminal acts on are text of a label;
# what is typed and a scan are told apart; what is scanned while the terminal takes nothing is
# dropped; ^C by a finger leaves, and the terminal is as before.
in_a_terminal() {
	mkdir -p "$tmp/tty/var"
	printf '[station]\nid = ST-T\ndata = var\n' >"$tmp/tty/station.conf"
	: >"$tmp/tty/log"
	"$BUILD/tools/floor" "$tmp/tty/var/station.sock" "$tmp/tty/log" 4 states &
	floor=$!
	until [ -S "$tmp/tty/var/station.sock" ]; do sleep 0.02; done
	long=$(printf '%06000d' 7)
	cat >"$tmp/tty/script" <<S
wait commands begin with
sure 1000 \x03\x04\x1a\x1c\x13\x16AS01\r
sure 1000 AS0199\x7f8\x1588\r\n
sure 40 $long\r
type AS77
scan 1000 AS0199\r
wait typed and scanned
scan 0 AS0201\rAS0202\r
wait several lines
sure 1000 /1 stop\r
wait taken for a scan
flood 50 $(printf '%01000d' 7)\rb\r
deaf 3500
wait stood still
scan 1000 \x03
end 0
S
	FLOOR_LOG=$tmp/tty/log LC_ALL=C.UTF-8 "$BUILD/tools/terminal" xterm-256color 24 80 "$tmp/tty/script" sh -c \
		'"$1/station" --conf "$2" --plain; r=$?; stty -a >"$3"; exit $r' - "$BUILD" \
		"$tmp/tty/station.conf" "$tmp/tty/stty" >"$tmp/tty/out" 2>&1 || {
		complain "in a terminal:"
		cat "$tmp/tty/out"
	}
	printf 'wait not from a terminal\nend 2\n' >"$tmp/tty/script"
	"$BUILD/tools/terminal" vt220 24 80 "$tmp/tty/script" "$BUILD/station" --conf \
		"$tmp/tty/station.conf" talk >"$tmp/tty/out" 2>&1 || complain "talk in a terminal"
	kill $floor
	wait $floor
	for text in '.x03.x04.x1a.x1c.x13.x16AS01' 'AS0199.x7f8.x1588' "$long" '/1 stop'; do
		grep -q "^scan slot=- text=$text serial" "$tmp/tty/log" ||
			complain "in a terminal: no scan $(printf %.40s "$text")"
	done
	[ "$(grep -vc '^shown' "$tmp/tty/log")" -eq 4 ] || {
		complain "in a terminal: other commands"
		cut -c 1-80 "$tmp/tty/log"
	}
	grep -q '^isig icanon iexten echo ' "$tmp/tty/stty" || complain "the terminal is not as it was before"
	exit $bad
}
(in_a_terminal) &
in_terminal=$!

mkfifo "$tmp/in"
station --plain <"$tmp/in" >"$tmp/said" 2>"$tmp/err" &
plain=$!
exec 7>"$tmp/in"
says '^station ST-T, 2 slots' "it starts the station by itself"
sign=$(sed -n 's/^station ST-T.* begin with \(\/[0-9]*\),.*/\1/p' "$tmp/said")
[ -n "$sign" ] || complain "what a command begins with is not told"
echo '/quit' >&7
says '^taken for a scan; a command begins with' "a label that looks like a command"
says '^slot 2: empty' "the first picture"
echo Z1 >&7
says '^refused: no plan wants' "a label of no plan"
echo A1 >&7
says '^which slot is A1 for' "two slots are free"
echo "$sign choose 2" >&7
says '^slot 2: unit A1 is being tested' "it starts"
says '^slot 2: close the lid$' "what to do before it"
says "^slot 2 asks: Is the LED green? One of pass, fail; $sign answer 2 and your answer" "a question"
printf 'pass\n%s answer 2 fail\n' "$sign" >&7
says '^slot 2: FAIL, unit A1: led.answer is fail' "the answer, not the scan"
printf '%s stop 22\n%s confirm it\n/99 x\n%s stop\n' "$sign" "$sign" "$sign" >&7
says '^no: there is no slot 22' "a slot that is none stops not all"
says "^no: what is 'it' behind it" "more than a command takes"
says '^no: it came right behind a line with another number' "a label that tries numbers"
sleep 1
echo "$sign mode engineering" >&7
says '^no: this is recorded with a reason' "an engineer's command"
printf '%s explode\n%s find A1\n' "$sign" "$sign" >&7
says '^no: there is no command explode' "no such command"
says '^A1  T  FCT  1  FAIL' "find"
printf '%s runs A\n%s runs A1\n' "$sign" "$sign" >&7
says '^no: no run of unit A is recorded' "runs of no unit"
says '  1  20.*  FAIL  led#1.answer  2  ST-T  T  FCT$' "runs"
# An engineer's run, paused behind its last step.
printf '%s mode 1 engineering because limits\n%s choose 1\nA2\n' "$sign" "$sign" >&7
says '^slot 1: unit A2 is being tested, .*, does not count' "an engineer's run"
says '^slot 1 asks: Is the LED green?' "its question"
printf '%s pause 1\n%s answer 1 pass\n' "$sign" "$sign" >&7
says '^slot 1: paused, all steps have run' "the pause at the end"
echo "$sign go 1" >&7
says '^slot 1: PASS, unit A2' "an engineer's run"
echo "$sign mode 1 production because done" >&7
says '^slot 1: next runs in mode production' "back in production"
# In the language of the person; notices keep the station's own text behind theirs.
# speaks LANGUAGE PATTERN: told so, a line of the slots matches that is not yet there.
speaks() {
	had=$(grep -c "$2" "$tmp/said")
	echo "$sign language $1" >&7
	i=0
	until [ "$(grep -c "$2" "$tmp/said")" -gt "$had" ]; do
		i=$((i + 1))
		[ $i -lt 100 ] || { complain "$1 is not spoken"; tail -n 5 "$tmp/said"; return; }
		sleep 0.1
		echo "$sign status" >&7
	done
}
speaks de '^Platz 2: DEFEKT, Einheit A1: led.answer ist fail'
echo Z2 >&7
says '^abgelehnt: kein Plan will das Etikett' "a refusal in German"
printf '%s help\n%s find A1\n' "$sign" "$sign" >&7
says "^$sign stop \[PLATZ\]: h.*lt den Lauf an" "help in German"
says '^A1  T  FCT  1  DEFEKT  ' "a verdict among the units"
speaks en '^slot 2: FAIL, unit A1: led.answer is fail'
# A station that says nothing for a while: told, and nothing is sent that it would do later.
kill -STOP "$(serve_pid)"
says '^station: it does not answer since [3-9] s' "a stopped station"
echo A7 >&7
says '^no: the station does not answer' "a scan for a stopped station"
kill -CONT "$(serve_pid)"
says '^station: it answers again' "a station that goes on"
grep -q 'A7' "$tmp/said" && complain "a scan from before was done later"
printf '%s choose 1\nL1\n' "$sign" >&7
says '^slot 1: unit L1 is being tested' "a long one"
exec 7>&-
wait $plain || complain "it ended with status $?"
[ -n "$(serve_pid)" ] || complain "the serving station went with it"
station --plain </dev/null >"$tmp/said" 2>&1
says '^slot 1: unit L1 is being tested' "opened again it shows what runs"
i=0
until [ -z "$(serve_pid)" ] || [ $((i = i + 1)) -gt 200 ]; do sleep 0.1; done
[ -z "$(serve_pid)" ] || complain "with nobody there and nothing to do it does not end"
station show L1 >"$tmp/out" || complain "L1 is not recorded"
has out ' PASS ' "the run went on and is recorded"
whole "at the end"

wait $in_terminal || bad=1

expect 2 "a command behind it" station --plain run
expect 2 "an argument" station plain now
expect 0 "help" station plain --help
expect 2 "an argument" station talk now
expect 3 "nobody serves" station talk
one_message "nobody serves"
printf '[station]\nid = S\ndata = var\nplanz = x\n' >"$conf"
expect 2 "settings with a mistake" station --plain
has err 'planz' "settings with a mistake"
finish "lines in, lines out; what runs goes on without a screen"
