#!/bin/sh
# golden_reports.sh -- write reports/examples anew from the sample runs; read the
# diff before committing it. BUILD: where the unit tests are built.
cd "$(dirname "$0")/../.." || exit 1
build=${BUILD:-build}
for t in report_text report_json report_html report_junit yield; do
	STATION_GOLDEN=write "$build/tests/test_$t" --filter '*/golden*' >/dev/null 2>&1 || {
		echo "golden_reports: $build/tests/test_$t failed; is it built?" >&2
		exit 1
	}
done
git --no-pager diff --stat -- reports/examples
