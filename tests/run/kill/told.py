# told.py EXPORT FOLDER -- compares what `station run --json` told (one file a
# start in FOLDER) with the record. Nothing that was told may be missing in it.
import glob, json, sys

bad = 0


def say(*words):
    global bad
    bad = 1
    print(*words)


kept = {}
for line in open(sys.argv[1]):
    r = json.loads(line)
    if r["run"] in kept:
        say("kept twice:", r["run"])
    kept[r["run"]] = r

started, told = set(), {}
for name in glob.glob(sys.argv[2] + "/*[0-9]"):
    for line in open(name):
        try:
            e = json.loads(line)
        except ValueError:
            continue  # cut by the kill
        if e["event"] == "run_started":
            started.add(e["run"])
        elif e["event"] == "step_ended":
            steps = kept.get(e["run"], {"steps": []})["steps"]
            if not any((s["id"], a["attempt"], a["verdict"]) == (e["step"], e["attempt"], e["verdict"])
                       for s in steps for a in s["attempts"]):
                say("step told and not kept:", line)
        elif e["event"] == "run_recorded":
            if e["run"] in told:
                say("told twice:", e["run"])
            told[e["run"]] = e
            r = kept.get(e["run"], {})
            if any(str(r.get(key)) != str(e[key]) for key in ("verdict", "blame", "hash", "seq")):
                say("told", e["verdict"], e["run"], "- kept", r.get("verdict"))
for run in started - set(kept):
    say("begun and not kept:", run)

counts, measured, untold = {}, 0, 0
for r in kept.values():
    counts[r["verdict"]] = counts.get(r["verdict"], 0) + 1
    if r["verdict"] == "INTERRUPTED":
        measured += any(a["measures"] for s in r["steps"] for a in s["attempts"])
        untold += r["run"] not in told
        if r["blame"] != "station":
            say("INTERRUPTED, and blames", r["blame"])
if not measured:
    say("no run was interrupted after a measurement: the kills hit nothing")
# The next start tells them, unless it is killed between commit and telling.
if 4 * untold > counts["INTERRUPTED"]:
    say(untold, "interrupted runs were told by nobody")
print(", ".join(f"{n} {v}" for v, n in sorted(counts.items())) + f"; {measured} interrupted after a measurement")
sys.exit(bad)
