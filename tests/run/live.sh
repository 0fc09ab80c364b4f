#!/bin/sh
# live.sh -- a floor that lives: random scans, plugs, answers, decisions and deaths on four
# virtual boards, by two front-ends at once, beside a simple model of what must come of each
# (floor/live.py, floor/live_model.py). LIVE_SEED=N is another run, in odd ones the line is
# asked before each unit; LIVE_ACTIONS=N sets its length, LIVE_SECONDS=N goes on with the
# next seeds for so long, LIVE_TRACE=1 tells each action before it is done.
. tests/run/lib.sh
seed=${LIVE_SEED:-1}
write_files 4
cat >"$conf" <<C
[station]
id = ST-T
fixture = fixture.ini
boards = $root/fixtures/boards
plans = plans
data = var
[reports]
formats =
[run]
second_look = 0
[operators]
login = badge
file = operators.ini
idle = 0 s
[scanner]
board_within = 10 min
C
mkdir "$tmp/plans"
world_begin
for i in 1 2 3 4; do "$in_world" "$BUILD/vboard" ctl unplug $i || exit 1; done
IN_WORLD=$in_world PYTHONPATH=tests/run/floor PYTHONDONTWRITEBYTECODE=1 \
	python3 tests/run/floor/live.py "$conf" "$seed" "${LIVE_ACTIONS:-150}" "${LIVE_SECONDS:-0}" \
	>"$tmp/said" 2>&1 || { bad=1; tail -n 5 "$tmp/var/station.log"; }
[ $bad -eq 0 ] || cat "$tmp/said"
nobody_left "at the end"
world_end || complain "vboard ended with status $world_status"
finish "$(tail -n 1 "$tmp/said")"
