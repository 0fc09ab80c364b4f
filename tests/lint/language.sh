#!/bin/sh
# Every fixed text of the screen, and every sentence of the station, has its German: none is
# missing, none is left over, none is a guess ("fuzzy"), and the formats fit. Texts that are
# found by "code:WORD" stand in no source.
bad=0
pot=$(mktemp) || exit 1
trap 'rm -f "$pot" "$pot.ui" "$pot.said" "$pot.po"' EXIT
said() { msgcat --no-wrap "$1" | grep -A1 '^msgctxt "station"' | grep '^msgid' | sort; }
xgettext --from-code=UTF-8 -kT -kN --language=C --no-location -o - \
	station/ui/*.c station/ui/*.def station/ui/*.h | sed 's/=CHARSET/=UTF-8/' >"$pot.ui"
tests/lint/sentences.sh --pot >"$pot.said"
msgcat --use-first "$pot.ui" "$pot.said" >"$pot"
[ "$(grep -c '^msgctxt "station"' "$pot")" -gt 400 ] && [ "$(grep -c '^msgid' "$pot.ui")" -gt 100 ] || {
	echo "language.sh: the texts were not found in the sources"
	exit 1
}
for po in station/ui/po/*.po; do
	msgfmt --check-format -o /dev/null "$po" || bad=1
	msgattrib --only-fuzzy "$po" | grep '^msgid' | sed "s|^|$po: fuzzy: |" | grep . && bad=1
	msgattrib --untranslated "$po" | grep '^msgid' | sed "s|^|$po: not translated: |" | grep . && bad=1
	msggrep --invert-match --msgid -e '^code:' "$po" >"$pot.po"
	msgcmp "$pot.po" "$pot" 2>&1 | grep -v '^msgcmp:' | sed "s|^|$po: |" | grep . && bad=1
	# Sentences that no source says any more.
	said "$po" >"$pot.po"
	said "$pot" | comm -13 - "$pot.po" | sed "s|^|$po: said nowhere: |" | grep . && bad=1
done
exit $bad
