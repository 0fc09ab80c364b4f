#!/bin/sh
# Rules for files as such: scripts run and parse, texts end with a line end, headers
# are guarded by their path, modules stay small, sources are ASCII, and no note to
# the author is left. What is meant to be odd (golden files, fuzz input, test data)
# is left out.
bad=0
say() { echo "$1"; bad=1; }
files=$(git ls-files --cached --others --exclude-standard 2>/dev/null)
[ "$files" ] || files=$(find . -type f | sed 's|^\./||' | grep -vE '^(build|var|\.git)')
files=$(echo "$files" | grep -vE '^(tests/(golden|data|fuzz/corpus)|reports/examples)/')
note='TO''DO|FIX''ME|[^X]XX''X[^X]|HA''CK'
for f in $files; do
	[ -f "$f" ] || continue
	[ -z "$(tail -c 1 "$f")" ] || say "$f: does not end with a line end"
	case $f in
	*.sh)
		sh -n "$f" || bad=1
		case $f in */lib.sh) continue ;; esac # is read, not run
		[ "$(head -n 1 "$f")" = '#!/bin/sh' ] || say "$f: must begin with #!/bin/sh"
		[ -x "$f" ] || say "$f: is not executable"
		;;
	*.h)
		guard=$(echo "$f" | tr 'a-z/.' 'A-Z__')
		grep -q "^#ifndef $guard\$" "$f" || say "$f: its guard must be $guard"
		;;
	esac
	case $f in
	station/*.[ch] | reports/*.[ch] | fixtures/*.[ch] | tests/*.[ch]) ;;
	*) continue ;;
	esac
	[ "$(wc -l <"$f")" -lt 700 ] || say "$f: $(wc -l <"$f") lines, must be below 700"
done
# of RULE WHAT FILES...: lines that break it
of() {
	rule=$1 what=$2
	shift 2
	LC_ALL=C grep -HnIE "$rule" "$@" /dev/null | sed "s|\$|   <- $what|" | grep . && bad=1
}
of "$note" "a note to the author" $files
of '[[:blank:]]+$' "blanks at the end" $(echo "$files" | grep -v '\.tsv$') # a cell may be empty
of '[^	 -~]' "not ASCII" $(echo "$files" | grep -E '\.([ch]|def|sh|sql|ini|conf)$')
for d in plans fixtures fixtures/virtual reports tests; do
	[ -s "$d/README.md" ] || say "$d/README.md: is missing"
done
exit $bad
