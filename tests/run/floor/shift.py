"""A shift of argv[2] units on eight boards through the station's socket; argv[3] is the
seed. What was done is compared with the record, run by run."""
import collections
import random
import subprocess
import sys
import time

import talk
from talk import Talk, complain, ctl, records, serve

conf, units, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
rnd = random.Random(seed)
done = collections.Counter()  # (serial, verdict, operator) of each run
refused = collections.Counter()


def badge(number, name, role):
    r = subprocess.run([talk.BUILD + "/station", "--conf", conf, "people", "add", number, "--name",
                        name, "--role", role, "--format", "text"], capture_output=True, text=True)
    text = [w for w in r.stdout.split() if w.startswith("BADGE.")]
    if r.returncode or not text:
        complain("people add: %s %s" % (r.stderr, r.stdout))
        talk.finish("")
    return text[0]


class Shift:
    def __init__(self):
        self.badges = {"11": badge("11", "first", "operator"), "12": badge("12", "second", "operator"),
                       "90": badge("90", "third", "engineer")}
        self.p = serve(conf)
        self.t = Talk(conf)
        self.person = None
        self.todo = [self.unit(i) for i in range(units)]
        self.on = {}  # slot: unit
        self.passed = []

    @staticmethod
    def unit(i):
        kind = rnd.choices(["pass", "fail", "unplug"], [80, 10, 10])[0]
        form = {"pass": "AS%04d", "fail": "FAIL%03d", "unplug": "SLOW%03d"}[kind]
        return {"serial": form % i, "kind": kind, "tries": 0}

    def login(self):
        self.person = rnd.choice([p for p in ("11", "12") if p != self.person])
        self.t.expect("login", self.t.scan(self.badges[self.person]), "logged_in")

    def wrong_scans(self):
        t = self.t
        runs = sum(done.values())
        if self.passed:
            t.expect("passed already", t.scan(rnd.choice(self.passed)), "already_passed")
        t.expect("no label", t.scan("X%d" % rnd.randrange(10 ** 9)), "no_plan")
        t.expect("a wrong badge", t.scan("BADGE.11.%d" % rnd.randrange(10 ** 39)), "badge_unknown")
        refused["scans"] += 3
        return runs

    def start(self, slot, u):
        t = self.t
        if rnd.random() < 0.6:
            ctl("plug", slot)
            t.state(slot, "in")
            r = t.scan(u["serial"])
            # The only one that has just been plugged in, for each got its unit at once.
            t.expect("%s on %s" % (u["serial"], slot), r, "starts")
        else:
            r = t.scan(u["serial"])
            if r.get("code") == "which_slot":
                r = t.scan("STATION.SLOT." + slot) if rnd.random() < 0.5 else \
                    t.do("choose", slot=slot)
            elif r.get("slot", slot) != slot:
                complain("%s went elsewhere: %s" % (u["serial"], r))
            t.expect("%s for %s" % (u["serial"], slot), r, "scanned")
            ctl("plug", slot)
        u["by"] = self.person
        u["tries"] += 1
        self.on[slot] = u

    def serve_slot(self, slot):
        t, u = self.t, self.on[slot]
        s = t.slot[slot]
        if s.get("serial") != u["serial"]:
            return
        if u["kind"] == "unplug" and u["tries"] == 1 and s.get("state") == "running" and \
           s.get("step", 0) == 1 and not u.get("out"):
            ctl("unplug", slot)
            u["out"] = True
        if s.get("state") != "ended":
            return
        want = {"pass": "PASS", "fail": "FAIL",
                "unplug": "ERROR" if u["tries"] == 1 else "PASS"}[u["kind"]]
        if s.get("verdict") != want:
            complain("%s on %s: %s %s, must be %s" % (u["serial"], slot, s.get("verdict"),
                                                      s.get("message"), want))
        done[(u["serial"], want, u["by"])] += 1
        t.shown(s["run"])
        if not u.get("out"):
            ctl("unplug", slot)
        u.pop("out", None)
        t.state(slot, "ended", pulled=True)
        del self.on[slot]
        if want == "PASS":
            self.passed.append(u["serial"])
        elif u["kind"] == "unplug" or u["tries"] < 2:
            self.todo.append(u)  # tested again
        else:
            t.expect("used up", t.scan(u["serial"]), "attempts_used_up")
            t.expect("disposed", t.scan("STATION." + rnd.choice(["SCRAP", "NTF"])), "disposed")
            refused["attempts"] += 1

    def work(self):
        t = self.t
        t.expect("nobody is logged in", t.scan("AS9999"), "no_operator")
        self.login()
        starts = 0
        end = time.monotonic() + 300
        while (self.todo or self.on) and time.monotonic() < end and talk.bad < 10:
            for slot in list(self.on):
                self.serve_slot(slot)
            free = [s for s in t.names if s not in self.on]
            if self.todo and free:
                starts += 1
                if starts % 25 == 0:
                    self.login()
                if starts % 10 == 0:
                    self.wrong_scans()
                self.start(rnd.choice(free), self.todo.pop(0))
            else:
                time.sleep(0.01)
        if self.todo or self.on:
            complain("not done: %s, %s" % (self.todo[:3], self.on))
        self.t.until("all was seen", lambda: t.status.get("not_shown", 0) == 0)

    def engineer(self):
        """One command by an engineer's badge; who is logged in stays."""
        t = self.t
        t.expect("mode", t.do("mode", slot="1", text="golden", reason="weekly"), "badge_needed")
        t.expect("an operator's", t.scan(self.badges["11"]), "not_allowed")
        t.expect("an engineer's", t.scan(self.badges["90"]), "mode")
        if t.status.get("person") != self.person or t.slot["2"].get("mode"):
            complain("logged in: %s, slot 2: %s" % (t.status.get("person"), t.slot["2"]))
        t.expect("attempt", t.do("grant", text=self.passed[0], reason="dust"), "badge_needed")
        t.expect("forget", t.scan("STATION.FORGET"), "forgotten")
        t.expect("too late", t.scan(self.badges["90"]), "logged_in")
        t.expect("attempt", t.do("grant", text=self.passed[0], reason="dust"), "granted")
        t.expect("rework", t.do("dispose", text="rework", serial=self.passed[1]), "disposed")
        t.expect("logout", t.scan("STATION.LOGOUT"), "logged_out")

    def compare(self):
        rows = records(conf)
        kept = collections.Counter((r["serial"], r["verdict"], r["operator"]) for r in rows)
        for what, n in (done - kept).items():
            complain("done and not recorded: %s %d times" % (what, n))
        for what, n in (kept - done).items():
            complain("recorded and not done: %s %d times" % (what, n))
        for r in rows:
            if r["operator_how"] != "badge operator" or not r["counts"]:
                complain("%s: by %s, counts %s" % (r["serial"], r["operator_how"], r["counts"]))
        first = self.t.status
        if first.get("shift_units") != units:
            complain("the shift counts %s units, must be %d" % (first.get("shift_units"), units))
        # A run that is an ERROR of the station is no first run; nothing but these passes later.
        passed = sum(n for (serial, verdict, by), n in done.items() if verdict == "PASS")
        if first.get("shift_first") != units or first.get("shift_first_passed") != passed:
            complain("first-pass yield %s of %s, must be %d of %d" % (
                first.get("shift_first_passed"), first.get("shift_first"), passed, units))
        if sum(int(r[1]) for r in self.t.do("shift")["rows"]) != units - passed:
            complain("steps that failed: %s" % self.t.do("shift")["rows"])


s = Shift()
from_ = time.monotonic()
s.work()
took = time.monotonic() - from_
s.engineer()
s.compare()
s.t.close()
s.p.terminate()
s.p.wait(20)
talk.finish("%d units in %.0f s, %d runs, %d refused scans, seed %d: the record holds what was done"
            % (units, took, sum(done.values()), sum(refused.values()), seed))
