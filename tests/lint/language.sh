#!/bin/sh
# language.sh [--missing] -- every fixed text of the screen, and every sentence of the station,
# has its German: none is missing, none is left over, none is a guess ("fuzzy"), and the
# formats fit. Texts that are found by "code:WORD" stand in no source, and words (msgctxt "word")
# are compared with the tables that they come from by tests/unit/test_said.c. --missing prints the
# missing ones as entries to be filled in.
bad=0
pot=$(mktemp) || exit 1
trap 'rm -f "$pot" "$pot.ui" "$pot.said" "$pot.is" "$pot.must"' EXIT
xgettext --from-code=UTF-8 -kT -kN -kTN:1,2 --language=C --no-location -o - \
	station/ui/*.c station/ui/*.def station/ui/*.h | sed 's/=CHARSET/=UTF-8/' >"$pot.ui"
tests/lint/sentences.sh --pot >"$pot.said"
msgcat --use-first "$pot.ui" "$pot.said" >"$pot"
rows() { # a line for each entry
	msgcat --no-wrap "$1" | awk '/^msgctxt/ { of = $0 " " } /^msgstr/ { of = "" } of ~ /"word"/ { next }
		/^msgid / && !/^msgid ""$/ && !/^msgid "code:/ { print of $0 }' | LC_ALL=C sort
}
told() { sed "s|^|$po: $1: |" | grep . && bad=1; }
rows "$pot" >"$pot.must"
[ "$(grep -c '^msgctxt "station"' "$pot.must")" -gt 400 ] && [ "$(grep -c '^msgid' "$pot.must")" -gt 100 ] || {
	echo "language.sh: the texts were not found in the sources"
	exit 1
}
for po in station/ui/po/*.po; do
	msgfmt --check-format -o /dev/null "$po" || { bad=1; continue; }
	msgattrib --only-fuzzy "$po" | grep '^msgid "[^"]' >"$pot.is"
	told "is a guess" <"$pot.is"
	msgattrib --untranslated "$po" | grep '^msgid "[^"]' >"$pot.is"
	told "has no text" <"$pot.is"
	rows "$po" >"$pot.is"
	LC_ALL=C comm -23 "$pot.must" "$pot.is" >"$pot.said"
	if [ "$1" = --missing ]; then
		awk '{ id = $0; sub(/^msgctxt "station" /, "", id)
			print (id ~ /%[^%]/ ? "#, c-format\n" : "") (id == $0 ? "" : "msgctxt \"station\"\n") id "\nmsgstr \"\"\n" }' "$pot.said"
		continue
	fi
	told "is missing (tests/lint/language.sh --missing)" <"$pot.said"
	LC_ALL=C comm -13 "$pot.must" "$pot.is" >"$pot.said"
	told "is said nowhere" <"$pot.said"
done
exit $bad
