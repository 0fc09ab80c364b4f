#!/bin/sh
# A report writer is a row in its own file, a line, a test, and an example for
# each verdict of a run. Say which one is missing.
bad=0
say() { echo "$1"; bad=1; }
for f in reports/report_*.c; do
	n=${f#reports/report_}; n=${n%.c}
	[ "$n" = table ] && continue
	grep -q "^const struct report_writer report_$n = {" "$f" || say "$f: no row report_$n"
	grep -q "^REPORT($n)\$" reports/report.def || say "$f: no line REPORT($n) in reports/report.def"
	[ -e "tests/unit/test_report_$n.c" ] || say "$f: no tests/unit/test_report_$n.c"
	ext=$(sed -n 's/^\t\.extension = "\(.*\)",$/\1/p' "$f")
	for v in pass fail error aborted interrupted; do
		[ -e "reports/examples/$v.$ext" ] || say "$f: no reports/examples/$v.$ext"
	done
done
for n in $(sed -n 's/^REPORT(\(.*\))$/\1/p' reports/report.def); do
	[ -e "reports/report_$n.c" ] || say "reports/report.def: REPORT($n) has no reports/report_$n.c"
done
exit $bad
