#!/bin/sh
# Every fixed text of the screen has its German: none is missing, none is left over, and
# the formats fit. Texts of the station are found by "code:WORD" and stand in no source.
bad=0
pot=$(mktemp) || exit 1
trap 'rm -f "$pot"' EXIT
xgettext --from-code=UTF-8 -kT -kN --language=C --no-location -o - \
	station/ui/*.c station/ui/*.def station/ui/*.h | sed 's/=CHARSET/=UTF-8/' >"$pot"
[ -s "$pot" ] || exit 1
for po in station/ui/po/*.po; do
	msgfmt --check-format -o /dev/null "$po" || bad=1
	msggrep --invert-match --msgid -e '^code:' "$po" | msgcmp - "$pot" 2>&1 |
		grep -v '^msgcmp:' | sed "s|^|$po: |" | grep . && bad=1
done
exit $bad
