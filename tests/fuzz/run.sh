#!/bin/sh
# run.sh BUILD SECONDS NAME... -- run each fuzz target for its share of the time,
# from the corpus in the tree; what it learns stays in BUILD. Fails on a crash, a
# leak, a hang or undefined behaviour, and says how to see it again.
build=$1 seconds=$2
shift 2
[ $# -gt 0 ] || { echo "fuzz: no targets"; exit 1; }
share=$((seconds / $#))
[ "$share" -gt 0 ] || share=1
bad=0
for name; do
	mkdir -p "$build/corpus/$name" "$build/artifacts"
	log=$build/fuzz/$name.log
	timeout -k 5 $((share + 120)) "$build/fuzz/fuzz_$name" \
		-max_total_time="$share" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
		-artifact_prefix="$build/artifacts/$name-" \
		"$build/corpus/$name" "tests/fuzz/corpus/$name" >"$log" 2>&1 </dev/null
	rc=$?
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
	echo "fuzz: $name: ${runs:-0} inputs in $share s, exit $rc"
	if [ $rc -ne 0 ] || [ "${runs:-0}" -eq 0 ]; then
		tail -n 40 "$log"
		echo "fuzz: again: $build/fuzz/fuzz_$name $build/artifacts/$name-*"
		bad=1
	fi
done
exit $bad
