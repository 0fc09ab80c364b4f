#!/bin/sh
# refuse.sh -- what may not start: labels with control characters, a variant that
# the label contradicts, one unit in two places. Nothing of it is in the record.
. tests/run/lib.sh
printf '[station]\nid = ST-T\ndata = var\n[reports]\nformats =\n' >"$conf"
plan plan.ini none <<'P'
[step w]
kind = wait
for = 5 ms
limit waited = <= 20 s
[variant TIGHT]
serial = /^T/
step w.limit waited = <= 1 ms
[variant LOOSE]
serial = /^L/
[variant BY-HAND]
step w.limit waited = <= 10 s
P

expect 0 "a plain label" station run "$tmp/plan.ini" --unit A1
expect 1 "the label's variant" station run "$tmp/plan.ini" --unit T1
for label in "$(printf 'A\tB')" "$(printf 'A1\nB')" "$(printf 'A\033[31m')" "$(printf 'A\177')"; do
	expect 2 "a control character" station run "$tmp/plan.ini" --unit "$label"
	has err 'control character' "a control character"
done
expect 2 "an empty label" station run "$tmp/plan.ini" --unit ''
for label in ' ' '   ' "$(printf '\302\240')"; do
	expect 2 "a blank label" station run "$tmp/plan.ini" --unit "$label"
	has err 'holds only blanks, must be a serial' "a blank label"
done
expect 2 "another variant" station run "$tmp/plan.ini" --unit T1 --variant LOOSE
has err "unit T1 is a 'TIGHT' by its label" "another variant"
one_message "another variant"
expect 2 "no variant" station run "$tmp/plan.ini" --unit T1 --variant ''
expect 2 "one that labels do not choose" station run "$tmp/plan.ini" --unit T1 --variant BY-HAND
expect 1 "its own variant" station run "$tmp/plan.ini" --unit T1 --variant TIGHT
expect 0 "one that labels do not choose" station run "$tmp/plan.ini" --unit A1 --variant BY-HAND
units=$(station list units | grep -cE 'PASS|FAIL')
[ "$units" -eq 2 ] || complain "$units units are in the record, must be A1 and T1"
whole "refused runs"
finish "what must not start did not"
