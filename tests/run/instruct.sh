#!/bin/sh
# instruct.sh -- what a plan tells the operator: before a unit is tested, and when a
# step of it failed; not when the unit passed or the step could not be carried out.
. tests/run/lib.sh
formats=
write_files 1
# a plan whose own [plan] has an instruction
told() { # FILE BOARD, steps on standard input
	plan "$1" "$2"
	sed -i 's/^\[plan\]$/[plan]\ninstruction = close the lid/' "$tmp/$1"
}
sed -i '/^fixture/d' "$conf"
{
	printf '[step w]\nkind = wait\nfor = 20 ms\ninstruction = look at J3\nlimit waited = <= 1 ms\n'
	printf '[step x]\nkind = wait\nfor = 1 ms\ninstruction = look at J4\nlimit waited = <= 1 ms\n'
} | told fail.ini none
printf '[step w]\nkind = wait\nfor = 1 ms\ninstruction = look at J3\nlimit waited = <= 1 min\n' | told pass.ini none

expect 1 "a unit that fails" station run "$tmp/fail.ini" --unit U1
has out '^instruction: close the lid$' "a unit that fails"
has out '^ *to do: look at J3$' "a unit that fails"
has_not out 'J4' "a step that did not run"
expect 0 "a unit that passes" station run "$tmp/pass.ini" --unit U2
has out '^instruction: close the lid$' "a unit that passes"
has_not out 'to do' "a unit that passes"

echo 'fixture = fixture.ini' >"$tmp/line"
sed -i "/^id = ST-T/r $tmp/line" "$conf"
printf '[step os]\nkind = os_version\naccept = 24.06\ninstruction = look at J5\n' | told error.ini virtual-console
expect 3 "no board" station run "$tmp/error.ini" --slot 1 --unit U3
has_not out 'J5' "a station error"
has out '^ *to do: check that the slot.s USB cable' "a station error"
finish "instructions come before a unit and after its failure"
