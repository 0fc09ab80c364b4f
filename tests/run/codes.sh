#!/bin/sh
# codes.sh -- printed codes are read back by two readers that know nothing of us:
# every code of the sheet, as SVG and as PDF, and a badge, which then logs in.
. tests/run/lib.sh
write_files 3
sed -i 's/^ftdi_serial = FXT02/&\nbarcode = SL-0002/' "$tmp/fixture.ini"
cd "$tmp" || exit 1
cat >want <<'W'
SL-0002
STATION.CHOICE.1
STATION.CHOICE.2
STATION.CHOICE.3
STATION.CHOICE.4
STATION.CHOICE.5
STATION.CHOICE.6
STATION.CHOICE.7
STATION.CHOICE.8
STATION.CHOICE.9
STATION.FORGET
STATION.LOGOUT
STATION.NTF
STATION.REWORK
STATION.SCRAP
STATION.SLOT.1
STATION.SLOT.3
W
# bars PICTURE..., matrices PICTURE...: what they say, sorted.
bars() { zbarimg -q --raw -Sdisable -Scode128.enable "$@" 2>/dev/null | sort; }
# One at a time, so that a picture with many takes no reader long.
matrices() {
	for p; do
		dmtxread -n -N 17 -m 4000 "$p"
	done | sort
}
same() { diff "$2" "$3" >diff || { complain "$1"; cat diff; }; }

expect 0 "SVG" station codes
cp out sheet.svg
xmllint --noout sheet.svg || complain "SVG is no XML"
rsvg-convert -d 150 -p 150 sheet.svg -o svg.png || complain "SVG cannot be drawn"
bars svg.png >got
same "bars of the SVG" want got
matrices svg.png >got
same "matrices of the SVG" want got
expect 0 "PDF" station codes --output sheet.pdf
pdftoppm -r 150 -png sheet.pdf pdf || complain "PDF cannot be drawn"
bars pdf-*.png >got
same "bars of the PDF" want got
matrices pdf-*.png >got
same "matrices of the PDF" want got
mkdir lib && : >lib/libzint.so.2.11
expect 3 "no libzint" env LD_LIBRARY_PATH="$tmp/lib" "$BUILD/station" --conf "$conf" codes
has err 'libzint.so.2.11 is for printing codes, .* package libzint2.11' "no libzint"
expect 2 "another format" station codes --format gif
has err 'no such format: gif; there are svg and pdf' "another format"
expect 2 "a word" station codes everything
expect 0 "help" station codes --help
expect 3 "a folder that is not there" station codes --output no/such/x.svg

# A badge: printed once, to its owner alone; what it says logs in.
expect 0 "a badge" station people add 1184 --name 'A <b> & c' --role engineer --output badge.svg
[ "$(stat -c %a badge.svg)" = 600 ] || complain "others may read the badge"
[ "$(stat -c %a var/operators.ini)" = 600 ] || complain "others may read the operators file"
grep -q 'A &lt;b&gt; &amp; c' badge.svg || complain "the name is not escaped"
rsvg-convert -d 200 -p 200 badge.svg -o badge.png
bars badge.png >badge.bars
matrices badge.png >badge.matrix
same "bars and matrix of the badge" badge.bars badge.matrix
grep -qE '^BADGE\.1184\.[0-9]{39}$' badge.bars || complain "no badge: $(cat badge.bars)"
secret=$(sed 's/.*\.//' badge.bars)
grep -q "$secret" var/operators.ini && complain "the secret stands in the operators file"
printf '[operators]\nlogin = badge\n' >>"$conf"
plan p.ini none <<'P'
[step w]
kind = wait
for = 2 ms
limit waited = <= 20 s
P
sed -i '/^fixture/d' "$conf"
expect 0 "the badge logs in" station run p.ini --unit U1 --badge badge.bars
expect 0 "a new badge" station people badge 1184 --output badge.pdf
expect 2 "the old one does not" station run p.ini --unit U1 --badge badge.bars
pdftoppm -r 200 -png badge.pdf new
matrices new-*.png >new.matrix
expect 0 "the new one does" station run p.ini --unit U1 --badge new.matrix
expect 0 "the list" station people list
has out '1184 .*engineer en  has badge  A <b> & c' "the list"
expect 0 "revoked" station people revoke 1184
expect 0 "the list" station people list
has out 'no badge' "the list"
expect 2 "nobody" station people revoke 9
has err "nobody with the id '9'" "nobody"
expect 2 "there already" station people add 1184 --name x --role qa
expect 2 "no role" station people add 2 --name x
expect 2 "no such role" station people add 2 --name x --role chief
expect 2 "no such word" station people sack 2
expect 2 "text goes to no file" station people add 2 --name x --role qa --format text --output t
expect 0 "help" station people --help
chmod 644 var/operators.ini
expect 3 "rights" station people list
has err 'chmod 600' "rights"
finish "printed codes were read back"
