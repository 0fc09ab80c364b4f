#!/bin/sh
# Calls that have a better way or one right place. base/banned.h stops the others at
# compile time; these are used by system headers, or in the file named here.
bad=0
while IFS=';' read -r only pattern why; do
	found=$(grep -rnE "(^|[^A-Za-z0-9_])($pattern) ?\(" station reports fixtures --include='*.[ch]' |
		grep -vE "^($only):" | grep -vE '^[^:]*:[0-9]*:[[:space:]]*(/?\*|//)')
	[ -z "$found" ] || { printf '%s\n    %s\n' "$found" "$why"; bad=1; }
done <<'EOF'
-;atoi|atol|atoll|atof;strtol() and a look at what is left, or base/value.h
-;system|tmpnam|mktemp|alloca|strncpy|wcscpy|bcopy;a shell, a race or an unbounded copy
-;rand|srand|random|drand48;base/rng.h, which tells its seed
station/base/clock.c|fixtures/virtual/usbfs_preload.c;clock_gettime|gettimeofday|time;clock_ms(), so that tests can hold the time
station/(cli/.*|main.c)|fixtures/virtual/(main|control).c;printf|puts|putchar|vprintf;only commands print
station/(cli/.*|main.c)|fixtures/virtual/.*;exit;only a command ends the program; a child ends in _exit()
station/link/.*|fixtures/.*;usleep|sleep|nanosleep;wait for a descriptor with a deadline
EOF
exit $bad
