"""What floor.sh tries: argv[1] is station.conf, four boards are plugged out."""
import os
import signal
import socket
import subprocess
import sys
import time

import talk
from talk import Talk, complain, ctl, records, serve

conf = sys.argv[1]
root = os.path.dirname(conf)
counts = {}


def check(what, yes):
    if not yes:
        complain(what)


def run_of(serial):
    return [r for r in records(conf) if r["serial"] == serial]


def plug(*names):
    for n in names:
        ctl("plug", n)


def unplug(*names):
    for n in names:
        ctl("unplug", n)


def end_of(t, slot, serial, verdict, seconds=30):
    s = t.state(slot, "ended", serial=serial, seconds=seconds)
    if s and s.get("verdict") != verdict:
        complain("slot %s: %s %s (%s), must be %s" % (slot, serial, s.get("verdict"),
                                                       s.get("message"), verdict))
    return s or {}


def scan_to_test(t):
    for n in t.names:
        t.state(n, "out")
    plug("2")
    t.state("2", "in")
    t.expect("a scan for the board just plugged in", t.scan("AS0001"), "starts")
    s = end_of(t, "2", "AS0001", "PASS")
    check("the interface is seen", s.get("interface"))
    t.expect("who looks later", t.do("watch", slot="2"), "watch")
    t.until("sees what the unit said", lambda: "OS version: 24.06\\\\r\\\\n" in "".join(
        m["text"] for m in t.stream if m["type"] == "console"))
    check("and what was measured: %s" % t.stream, "os.version = 24.06" in
          [m["text"] for m in t.stream if m["type"] == "measure"])
    t.expect("enough", t.do("watch"), "watch")
    check("a verdict that nobody saw is counted", t.status.get("not_shown", 0) >= 1)
    before = t.status["not_shown"]
    t.shown(s["run"])
    t.until("one less unseen", lambda: t.status.get("not_shown", 0) == before - 1)
    unplug("2")
    t.state("2", "ended", pulled=True, verdict="PASS")
    plug("2")  # the next board: the verdict goes
    t.state("2", "in")
    check("nothing of the last unit is left", not t.slot["2"].get("verdict"))
    unplug("2")
    t.state("2", "out")


def scan_first(t):
    t.expect("four free slots", t.scan("AS0002"), "which_slot")
    check("it waits", t.status.get("waits") == "scan" or t.until(
        "waits", lambda: t.status.get("waits") == "scan"))
    t.expect("chosen by barcode", t.scan("STATION.SLOT.3"), "scanned")
    t.state("3", "scanned")
    plug("3")
    end_of(t, "3", "AS0002", "PASS")
    t.expect("forgotten", t.scan("AS0003"), "which_slot")
    t.expect("forget", t.do("forget"), "forgotten")
    t.expect("a slot first", t.do("choose", slot="3"), "slot_chosen")
    t.expect("then the scan", t.scan("AS0003"), "starts")
    end_of(t, "3", "AS0003", "PASS")
    unplug("3")


def not_clear(t):
    plug("1", "2")
    t.state("1", "in")
    t.state("2", "in")
    runs = len(records(conf))
    t.expect("two boards just plugged in", t.scan("AS0010"), "which_slot")
    time.sleep(0.3)
    check("nothing has started", len(records(conf)) == runs and
          all(s.get("state") != "running" for s in t.slot.values()))
    t.expect("by hand", t.do("choose", slot="2"), "starts")
    t.expect("now it is clear", t.scan("AS0011"), "starts")
    end_of(t, "2", "AS0010", "PASS")
    end_of(t, "1", "AS0011", "PASS")
    unplug("1", "2")


def refused(t):
    plug("1")
    t.state("1", "in")
    runs = len(records(conf))
    t.expect("no label of any plan", t.scan("ZZ-unknown"), "no_plan")
    t.expect("a control character", t.scan("AS\x07001"), "no_plan")
    t.expect("a plan with mistakes", t.scan("BROKEN1"), "plan_not_clean")
    t.expect("passed already", t.scan("AS0001"), "already_passed")
    t.expect("an unknown code", t.scan("STATION.EXPLODE"), "unknown_code")
    t.expect("an empty scan", t.scan(""), "wrong_format")
    t.expect("4 kB", t.scan("\x1b[A\t\r" * 800), "no_plan")
    t.expect("a wrong badge", t.scan("BADGE.1.000000"), "badge_unknown")
    t.expect("a stale question", t.do("answer", slot="1", text="pass", question=99), "no_question")
    t.expect("no such slot", t.do("choose", slot="77"), "no_such_slot")
    check("nothing has started", len(records(conf)) == runs and t.slot["1"]["state"] == "in")
    t.expect("a slow unit", t.scan("LONG01"), "starts")
    t.state("1", "running")
    plug("2")
    t.state("2", "in")
    t.expect("the same unit again", t.scan("LONG01"), "already_running")
    t.expect("the slot is taken", (t.do("choose", slot="1"), t.scan("AS0020"))[1], "slot_taken")
    t.expect("stop", t.do("stop", slot="1"), "stopped")
    s = end_of(t, "1", "LONG01", "ABORTED")
    check("the operator stopped it", s.get("blame") == "operator")
    unplug("1", "2")


def attempts(t):
    for n in (1, 2):
        plug("1")
        t.state("1", "in")
        t.expect("attempt %d" % n, t.scan("FAIL01"), "starts")
        s = end_of(t, "1", "FAIL01", "FAIL")
        check("what failed is told: %s" % s, s.get("fail_name") == "w.waited" and
              s.get("fail_limit") and s.get("instruction") == "check connector J3")
        check("attempt %d of 2: %s" % (n, s), s.get("attempt") == n and
              s.get("attempts_max") == 2)
        unplug("1")
        t.state("1", "ended", pulled=True)
    plug("1")
    t.state("1", "in")
    t.expect("used up", t.scan("FAIL01"), "attempts_used_up")
    t.expect("sent to rework", t.scan("STATION.REWORK"), "disposed")
    t.expect("counted anew", t.scan("FAIL01"), "starts")
    end_of(t, "1", "FAIL01", "FAIL")
    unplug("1")


def unplugged(t):
    plug("4")
    t.state("4", "in")
    t.expect("start", t.scan("LONG04"), "starts")
    t.state("4", "running")
    time.sleep(0.3)
    unplug("4")
    s = end_of(t, "4", "LONG04", "ERROR")
    check("it names the slot: %s" % s.get("message"), "slot 4" in s.get("message", ""))
    check("the station is to blame", s.get("blame") == "station" and s.get("code") == "ERR_GONE")
    r = run_of("LONG04")
    check("and so does the record", len(r) == 1 and r[0]["verdict"] == "ERROR" and
          "slot 4" in str(r[0]["steps"]))
    # libusb_init() starts a thread, and a context keeps descriptors of devices.
    check("no libusb in the station, which forks workers",
          len(os.listdir("/proc/%d/task" % t.pid)) == 1)
    # In and out and in again within a moment: one unit, one run, never the unit's fault.
    t.do("choose", slot="4")
    t.expect("a unit that waits", t.scan("LONG40"), "scanned")
    plug("4")
    unplug("4")
    plug("4")
    s = t.until("it has ended", lambda: t.slot["4"].get("state") in ("ended", "in") and
                run_of("LONG40")[-1:])
    check("one run, ERROR or PASS: %s" % [(r["verdict"], r["blame"]) for r in s or []],
          s and len(run_of("LONG40")) == 1 and
          (s[0]["verdict"], s[0]["blame"]) in (("ERROR", "station"), ("PASS", "-")))
    t.do("choose", slot="4")
    t.expect("the slot works", t.scan("AS0041"), "starts")
    end_of(t, "4", "AS0041", "PASS")
    unplug("4")


def questions(t):
    plug("1")
    t.state("1", "in")
    t.expect("a plan with questions", t.scan("ASK001"), "starts")
    s = t.until("a choice", lambda: t.slot["1"].get("ask_kind") == "pass" and t.slot["1"])
    runs = len(records(conf))
    t.expect("a scan answers no such question", t.scan("pass"), "no_plan")
    t.expect("nor does a code", t.scan("STATION.CHOICE.1"), "no_question")
    check("it is still open", t.slot["1"].get("question") == s["question"])
    t.expect("a person does", t.do("answer", slot="1", text="pass", question=s["question"]),
             "answered")
    t.until("a scan is wanted", lambda: t.slot["1"].get("ask_kind") == "scan")
    t.expect("a scan answers that", t.scan("CABLE-7"), "answered")
    end_of(t, "1", "ASK001", "PASS")
    check("one run more", len(records(conf)) == runs + 1)
    check("with the answer", "CABLE-7" in str(run_of("ASK001")[0]["steps"]))
    t.do("choose", slot="1")
    t.expect("once more", t.scan("ASK002"), "starts")
    s = t.until("a question", lambda: t.slot["1"].get("ask_kind") == "pass" and t.slot["1"])
    t.expect("a stop in a question", t.do("stop", slot="1", serial="ASK002"), "stopped")
    r = end_of(t, "1", "ASK002", "ABORTED")
    check("closes the question", r.get("blame") == "operator" and not r.get("question"))
    t.expect("too late", t.do("answer", slot="1", text="pass", question=s["question"]),
             "no_question")
    unplug("1")


def engineer(t):
    plug("1")
    t.state("1", "in")
    t.expect("a reason", t.do("mode", slot="1", text="engineering"), "reason_missing")
    t.expect("mode", t.do("mode", slot="1", text="engineering", reason="limits"), "mode")
    t.expect("watch", t.do("watch", slot="1"), "watch")
    t.expect("start", t.scan("LONG05"), "starts")
    t.state("1", "running")
    before = len(t.stream)
    t.expect("pause", t.do("pause", slot="1"), "pauses")
    s = t.state("1", "paused")
    check("where a run begins is told: %s" % t.stream[:2], ("console", "") in
          [(m["type"], m["text"]) for m in t.stream])
    check("its measurement came meanwhile: %s" % t.stream[before:], any(
        m["type"] == "measure" and "w.waited" in m["text"] for m in t.stream[before:]))
    check("before the second step", s and s.get("step") == 1)
    # The plan in progress is the one that was loaded.
    path = os.path.join(root, "plans", "long.ini")
    text = open(path).read()
    open(path, "w").write(text.replace("[step os]", "[step other]"))
    plans = t.expect("plans", t.do("plans"), "plans")["rows"]
    check("linted anew: %s" % plans, any("long.ini" in r[0] for r in plans))
    t.expect("repeat", t.do("repeat", slot="1"), "repeats")
    t.state("1", "running")
    t.state("1", "paused", step=1)
    t.expect("skip", t.do("skip", slot="1", reason="no network here"), "skips")
    t.state("1", "paused", step=2)
    t.expect("step", t.do("step", slot="1"), "steps")
    t.state("1", "paused", step=3)
    os.remove(path)
    check("a plan that is gone is listed no more", not any(
        "long.ini" in r[0] for r in t.do("plans")["rows"]))
    t.expect("a step that is past", t.do("skip", slot="1", text="tail", reason="late"), "not_now")
    t.expect("go", t.do("go", slot="1"), "goes")
    end_of(t, "1", "LONG05", "PASS")
    open(path, "w").write(text)
    r = run_of("LONG05")[0]
    check("every attempt is kept", len(r["steps"][0]["attempts"]) == 2)
    check("as it was loaded", [s["id"] for s in r["steps"]] == ["w", "os", "tail"])
    check("left out by an engineer", r["steps"][1]["skip_rule"] == "engineer")
    check("counts for nothing", r["mode"] == "engineering" and not r["counts"])
    t.expect("back", t.do("mode", text="production", reason="done"), "mode")
    unplug("1")
    plug("1")
    t.state("1", "in")
    t.expect("start", t.scan("LONG06"), "starts")
    t.state("1", "running")
    t.expect("a production run is not held", t.do("pause", slot="1"), "not_now")
    t.do("stop")
    end_of(t, "1", "LONG06", "ABORTED")
    unplug("1")


def asks(t):
    rows = t.do("find", text="AS000").get("rows", [])
    check("find: %s" % rows, {r[0] for r in rows} == {"AS0001", "AS0002", "AS0003"})
    runs = t.do("runs", text="FAIL01").get("rows", [])
    check("runs: %s" % runs, runs and all(r[3:5] == ["FAIL", "w#1.waited"] for r in runs))
    check("runs, newest first", [r[1] for r in runs] == [str(n) for n in range(len(runs), 0, -1)])
    check("runs of no unit", t.do("runs", text="FAIL").get("code") == "not_found")
    lines = t.do("show", text=rows[0][6]).get("rows", [])
    check("show: %s" % lines[:3], any(rows[0][0] in line[0] for line in lines))
    check("show: nothing", t.do("show", text="00000000").get("code") == "not_found")
    check("shift", t.do("shift").get("ok"))
    check("units of the shift: %s" % t.status, t.status.get("shift_units", 0) >= 6)


def mapped(t):
    path = os.path.join(root, "fixture.ini")
    before = open(path).read()
    t.expect("another slot's socket", t.do("map", slot="4", text="1-1.3", reason="x"),
             "map_refused")
    check("the file is as it was", open(path).read() == before)
    t.expect("map", t.do("map", slot="4", text="1-1.9", reason="new cable"), "mapped")
    check("one line changed", open(path).read() == before.replace("1-1.4\n", "1-1.9\n"))
    t.expect("and back", t.do("map", slot="4", text="1-1.4", reason="old cable"), "mapped")
    check("as it was", open(path).read() == before)


def screen_dies(t):
    """kill -9 of the front-end in the middle of a run: another one sees its end."""
    plug("1")
    t.state("1", "in")
    t.expect("start", t.scan("LONG10"), "starts")
    t.state("1", "running")
    t.kill()
    t = Talk(conf)
    check("it is still running", t.slot["1"].get("state") == "running" and
          t.slot["1"].get("serial") == "LONG10" and t.slot["1"].get("run_at_ms", 0) > 0)
    t.expect("watch", t.do("watch", slot="1"), "watch")
    check("it has said nothing yet", t.slot["1"].get("step", 0) == 0 and not t.stream)
    t.until("what the unit says comes as it is said", lambda: t.slot["1"]["state"] == "running" and
            "OS version" in "".join(m["text"] for m in t.stream if m["type"] == "console"))
    t.do("watch")
    end_of(t, "1", "LONG10", "PASS")
    unplug("1")
    return t


def never_reads(t):
    """Who connects and never reads is dropped; nobody waits for it."""
    os.chdir(root)  # sun_path is short
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    s.connect("var/station.sock")
    plug("1")
    t.state("1", "in")
    t.scan("LONG11")
    sent = 0
    try:  # each asks for an answer of some size
        s.settimeout(0.2)
        while sent < 5000:
            s.send(b'{"type":"command","do":"plans","id":1}')
            sent += 1
    except OSError:
        pass
    from_ = time.monotonic()
    t.expect("the others are served", t.do("forget"), "forgotten")
    check("at once: %.2f s" % (time.monotonic() - from_), time.monotonic() - from_ < 1)
    end_of(t, "1", "LONG11", "PASS")
    end = time.monotonic() + 15
    while time.monotonic() < end:
        if "front-end dropped: it has taken nothing" in open("var/station.log").read() or \
           "front-end dropped: it does not read" in open("var/station.log").read():
            break
        time.sleep(0.1)
    else:
        complain("a front-end that never reads is not dropped (%d commands sent)" % sent)
    s.close()
    unplug("1")
    for wrong in (b"no JSON", b'{"type":"slot","index":0,"name":"1"}', b'{"type":"sloth"}'):
        s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        s.connect("var/station.sock")
        s.send(wrong)
        s.settimeout(5)
        try:
            while s.recv(100000):
                pass
        except OSError as e:
            complain("%s: %s" % (wrong, e))
        s.close()


def two_serves():
    r = subprocess.run([os.environ["IN_WORLD"], talk.BUILD + "/station", "--conf", conf, "serve"],
                       capture_output=True, text=True, timeout=20)
    check("a second serve is refused: %s %s" % (r.returncode, r.stderr),
          r.returncode == 3 and r.stderr.count("\n") == 1 and "serve" in r.stderr)
    r = subprocess.run([os.environ["IN_WORLD"], talk.BUILD + "/station", "--conf", conf, "run",
                        root + "/plans/fast.ini", "--slot", "1", "--unit", "AS0099"],
                       capture_output=True, text=True, timeout=20)
    check("station run beside serve is refused: %s %s" % (r.returncode, r.stderr),
          r.returncode == 3 and r.stderr.count("\n") == 1 and "station serve" in r.stderr)


def killed(p, t):
    """kill -9 of the station in the middle of a run: the next one closes it."""
    plug("1")
    t.state("1", "in")
    t.expect("start", t.scan("LONG20"), "starts")
    t.state("1", "running")
    time.sleep(0.3)
    p.send_signal(signal.SIGKILL)
    p.wait()
    t.until("the front-end hears of it", lambda: t.gone)
    fixture = open(os.path.join(root, "fixture.ini")).read()
    open(os.path.join(root, "fixture.ini"), "w").write(fixture.replace("FXT04", "OTHER"))
    p = serve(conf)  # the socket of the dead one is replaced
    t = Talk(conf)
    open(os.path.join(root, "fixture.ini"), "w").write(fixture)
    t.do("choose", slot="4")
    t.expect("a unit that waits", t.scan("AS0040"), "scanned")
    plug("4")
    t.until("the wrong cable is told", lambda: "must be 'OTHER'" in t.slot["4"].get("message", ""))
    check("its unit waits: %s" % t.slot["4"], t.slot["4"]["state"] == "scanned")
    unplug("4")
    t.until("no cable, no word", lambda: not t.slot["4"].get("message"))
    r = run_of("LONG20")
    check("closed as INTERRUPTED: %s" % [x["verdict"] for x in r],
          [x["verdict"] for x in r] == ["INTERRUPTED"])
    t.state("1", "in")
    t.expect("the slot works", (t.do("choose", slot="1"), t.scan("AS0021"))[1], "starts")
    end_of(t, "1", "AS0021", "PASS")
    unplug("1")
    t.state("1", "ended", pulled=True)
    return p, t


def terminated(p, t):
    """SIGTERM: what runs finishes, nothing starts any more; SIGHUP is nothing."""
    p.send_signal(signal.SIGHUP)
    os.remove("var/station.sock")  # comes again
    plug("1", "2")
    t.state("1", "in")
    t.state("2", "in")
    t.do("choose", slot="1")
    t.expect("start", t.scan("LONG30"), "starts")
    t.state("1", "running")
    t.until("the socket is there again", lambda: os.path.exists("var/station.sock"))
    other = Talk(conf)
    other.state("1", "running")
    other.close()
    p.send_signal(signal.SIGTERM)
    time.sleep(0.2)
    t.expect("no unit starts", t.scan("AS0030"), "closing")
    end_of(t, "1", "LONG30", "PASS")
    check("it ended well: %s" % p.wait(20), p.returncode == 0)
    check("its socket is gone", not os.path.exists(root + "/var/station.sock"))
    check("recorded", [r["verdict"] for r in run_of("LONG30")] == ["PASS"])
    p = serve(conf)
    t = Talk(conf)
    t.state("1", "in")
    t.do("choose", slot="1")
    t.expect("start", t.scan("LONG31"), "starts")
    t.state("1", "running")
    p.send_signal(signal.SIGTERM)
    time.sleep(0.2)
    p.send_signal(signal.SIGTERM)
    check("a second signal ends it: %s" % p.wait(20), p.returncode == 0)
    check("recorded as stopped", [r["verdict"] for r in run_of("LONG31")] == ["ABORTED"])


def main():
    p = serve(conf)
    t = Talk(conf)
    for part in (scan_to_test, scan_first, not_clear, refused, attempts, unplugged, questions,
                 engineer, asks, mapped):
        from_ = time.monotonic()
        part(t)
        print("%s: %.1f s" % (part.__name__, time.monotonic() - from_), flush=True)
    t = screen_dies(t)
    never_reads(t)
    two_serves()
    p, t = killed(p, t)
    terminated(p, t)
    talk.finish("floor: done")


main()
