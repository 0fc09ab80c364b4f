"""Random actions on a floor of four boards, beside a model (live_model). argv: station.conf, seed,
actions of a seed, seconds to go on with further seeds. A difference is printed with its seed and
the shortest list of actions that was found to show it."""
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

import live_model
import talk
from live_model import PLANS, SLOTS, Model
from talk import BUILD, Talk

conf, seed, length, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
root = os.path.dirname(conf)
SETTLE_S = 15
PICTURE_S = 0.12  # pictures are sent at most ten times a second


class Differs(Exception):
    pass


def complain(text):
    raise Differs(text)


talk.complain = complain


class Client(Talk):
    def send(self, what, **more):
        with self.lock:
            self.ids += 1
            number = self.ids
        line = json.dumps(dict(more, do=what, id=number, type="command")) + "\n"
        try:
            self.p.stdin.write(line.encode())
        except OSError:
            pass
        return number

    def reply(self, number):
        """The code; None when the station is gone before it answered."""
        end = time.monotonic() + SETTLE_S
        with self.lock:
            while number not in self.replies:
                left = end - time.monotonic()
                if self.gone:
                    return None
                if left <= 0:
                    raise Differs("no reply within %d s" % SETTLE_S)
                self.lock.wait(left)
            return self.replies[number].get("code")


def station(*args):
    return subprocess.run([BUILD + "/station", "--conf", conf] + list(args), capture_output=True,
                          text=True)


class Floor:
    """The real one."""

    def __init__(self, badges, hooks):
        self.badges = badges
        self.p = None
        text = open(root + "/conf.base").read()
        open(conf, "w").write(text + ("[hooks]\nbefore_unit = ./line\n" if hooks else ""))
        shutil.rmtree(root + "/var", ignore_errors=True)
        self.fixture(0, False)
        for n in SLOTS:
            self.ctl("unplug", n)
        self.begin()

    def fixture(self, cycles_max, overdue):
        text = open(root + "/fixture.base").read()
        more = "cycles_max = %d\ncalibration_due = %s\n" % (
            cycles_max, "2020-01-01" if overdue else "2099-01-01")
        open(root + "/fixture.ini", "w").write(text.replace("id = FX-T\n", "id = FX-T\n" + more))

    def ctl(self, *args):
        subprocess.run([os.environ["IN_WORLD"], BUILD + "/vboard", "ctl"] + list(args),
                       capture_output=True)

    def begin(self):
        with open(root + "/serve.err", "a") as err:
            self.p = talk.serve(conf, err=err)
        self.t = [Client(conf), Client(conf)]

    def end(self, *signals):
        for s in signals:
            self.p.send_signal(s)
            time.sleep(0.05)
        try:
            self.p.wait(30)
        except subprocess.TimeoutExpired:
            self.p.kill()
            raise Differs("station serve does not end")
        for t in self.t:
            t.p.kill()
            t.p.wait()
            t.p.stdin.close()

    def send(self, c, a):
        """Begin an action by front-end c; what was begun, for finish()."""
        t, kind = self.t[c], a[0]
        if kind in ("plug", "unplug"):
            return subprocess.Popen([os.environ["IN_WORLD"], BUILD + "/vboard", "ctl", kind, a[1]],
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if kind == "scan":
            text = a[1]
            if text.startswith("BADGE."):
                text = self.badges.get(text[6:], text)
            return t, t.send("typed" if len(a) > 2 and a[2] else "scan", text=text)
        if kind == "answer":
            return t, t.send("answer", slot=a[1], text=a[2],
                             question=t.slot[a[1]].get("question") or 99)
        if kind in ("choose", "stop"):
            return t, t.send(kind, slot=a[1])
        if kind == "mode":
            return t, t.send(kind, slot=a[1], text=a[2], reason="tried")
        if kind == "grant":
            return t, t.send(kind, text=a[1], reason="tried")
        if kind == "dispose":
            return t, t.send(kind, text=a[1], **({"serial": a[2]} if a[2] else {}))
        if kind == "shown":
            t.shown(t.slot[a[1]].get("run") or "")
            return None
        return t, t.send(kind)

    @staticmethod
    def finish(begun):
        if isinstance(begun, tuple):
            return begun[0].reply(begun[1])
        if begun:
            begun.wait()
        return None

    def sync(self):
        """All that the station has to tell has come: whatever it keeps back to say it less often
        is due, and it has turned its loop since."""
        time.sleep(PICTURE_S)
        for _ in range(2):
            for t in self.t:
                t.reply(t.send("watch"))

    def differs(self, m, t):
        """What of the picture is not as the model has it: a text, "" for nothing."""
        out = []

        def same(where, what, is_, must):
            if is_ != must:
                out.append("%s: %s is %r, must be %r" % (where, what, is_, must))
        for n in SLOTS:
            s, p, where = m.slot[n], t.slot[n], "slot " + n
            same(where, "state", p.get("state", "unknown"), m.state(n))
            same(where, "interface", bool(p.get("interface")), s.plugged)
            r = s.run or s.ended
            if r:
                same(where, "serial", p.get("serial"), r["serial"])
                same(where, "attempt", p.get("attempt", 0), r["attempt"])
                if r["mode"] == "production":
                    same(where, "attempts_max", p.get("attempts_max", 0), r["most"])
                same(where, "mode", p.get("mode", "production"), r["mode"])
            elif s.unit:
                same(where, "serial", p.get("serial"), s.unit["serial"])
            else:
                same(where, "mode", p.get("mode", "production"), s.mode)
            if s.run:
                same(where, "question", p.get("ask_kind"), s.run["question"])
            if s.ended:
                same(where, "verdict", p.get("verdict"), r["verdict"])
                same(where, "blame", p.get("blame", "-"), r["blame"])
                same(where, "pulled", bool(p.get("pulled")), s.pulled)
        held = sum(n["code"] == "hook_refused" for n in t.notices)
        same("the line", "refusals", held, m.held)
        st = t.status
        same("status", "person", st.get("person") or None, m.person)
        same("status", "waits", st.get("waits") or None, m.waits and {
            "unit": "scan", "scan": "scan", "command": "command",
            "confirm": "confirm"}[m.waits[0]])
        if m.waits and m.waits[0] != "command":
            u = m.waits[1]
            same("status", "waits_text", st.get("waits_text"), u["serial"] if u else m.waits[2])
        same("status", "not_shown", st.get("not_shown", 0), m.unseen())
        left = max(m.cycles_max - m.cycles, 0) if m.cycles_max else -1
        same("status", "cycles_left", st.get("cycles_left", 0), left)
        units, first, passed = set(), 0, 0
        for r in m.runs:
            if r["counts"] and (r["serial"], r["process"]) not in units:
                units.add((r["serial"], r["process"]))
                first += 1
                passed += r["verdict"] == "PASS"
        same("status", "shift_first", st.get("shift_first", 0), first)
        same("status", "shift_first_passed", st.get("shift_first_passed", 0), passed)
        return "\n  ".join(out)

    def agree(self, models):
        """Wait until both front-ends see one of the models: those that it may be."""
        if len({m.text() for m in models}) > 1:
            self.sync()  # a picture that was true a moment before is none to agree on
        end = time.monotonic() + SETTLE_S
        while True:
            seen = {}
            with self.t[0].lock, self.t[1].lock:  # one moment for all of them
                for m in models:
                    d = self.differs(m, self.t[0]) or self.differs(m, self.t[1])
                    if not d:
                        seen[m.text()] = m
            if seen:
                return list(seen.values())
            if time.monotonic() > end:
                raise Differs("the picture:\n  " + d)
            t = self.t[0]
            with t.lock:
                if not self.differs(models[0], t):
                    continue
                t.lock.wait(0.01)

    # --- the record ---

    RUN = ("serial", "process", "slot", "plan", "variant", "by", "mode", "verdict", "blame",
           "production", "seen", "number")

    def record(self):
        shutil.rmtree(root + "/out", ignore_errors=True)
        r = station("export", "--output", root + "/out")
        if r.returncode:
            raise Differs("export: " + r.stderr)
        runs = [json.loads(line) for line in open(root + "/out/runs.jsonl")]
        runs.sort(key=lambda r: int(r["open_seq"]))
        db = sqlite3.connect("file:%s/var/station.db?mode=ro" % root, uri=True)
        number = dict(db.execute("SELECT lower(hex(uuid)), attempt FROM run"))
        db.close()
        path = root + "/out/decisions.jsonl"
        decided = [json.loads(line) for line in open(path)] if os.path.exists(path) else []
        runs = [(r["serial"], r["process"], r["slot"], r["plan"]["title"], r["variant"] or "",
                 r["operator"], r["mode"], r["verdict"], r["blame"], r["counts"],
                 r["attempt_seen"], number[r["run"].replace("-", "")]) for r in runs]
        return runs, [(d["kind"], d["what"], d["serial"], d["process"], d["by"]) for d in decided
                      if d["kind"] in ("grant", "disposition")]

    @staticmethod
    def of_model(m):
        m.derive()
        runs = [tuple(r[k] for k in Floor.RUN) for r in m.runs]
        return runs, [(d["kind"], d["what"], d["serial"], d["process"], d["by"])
                      for d in m.decisions]

    @staticmethod
    def unlike(is_, must):
        for what, i, j in zip(("run", "decision"), is_, must):
            for k in range(max(len(i), len(j))):
                a, b = (x[k] if k < len(x) else None for x in (i, j))
                if a != b:
                    return "the record's %s %d is\n  %s, must be\n  %s" % (what, k + 1, a, b)
        return ""

    def compare(self, models):
        is_ = self.record()
        unlike = [self.unlike(is_, self.of_model(m)) for m in models]
        if all(unlike):
            raise Differs("\n".join(unlike))
        r = station("verify")
        if r.returncode:
            raise Differs("verify: " + r.stdout + r.stderr)


def interrupted(m):
    for n in SLOTS:
        if m.slot[n].run:
            m.ended(n, "INTERRUPTED", "station")
    m.reborn()
    return m


class Play:
    def __init__(self, badges, hooks):
        self.f = Floor(badges, hooks)
        self.ms = [Model(hooks)]  # several where no picture tells apart what happened
        self.actions = 0

    def one(self, a):
        """One action, the answer to it, and what the floor is then."""
        kind = a[0]
        if kind == "pair":
            self.pair(a[1], a[2])
        elif kind in ("kill", "term"):
            self.death(*a)
        else:
            code = self.f.finish(self.f.send(self.actions % 2, a))
            after = []
            for m in self.ms:
                right = m.apply(a, code)
                if code in right:
                    m.settle()
                    after.append(m)
            if not after:
                raise Differs("answer is %s, must be %s" % (code, " or ".join(map(str, right))))
            self.ms = self.f.agree(after)
        self.actions += 1

    @staticmethod
    def orders(m, done):
        """Models after some actions in any order, with runs that end between or not."""
        out = []
        for i, (a, code) in enumerate(done):
            rest = done[:i] + done[i + 1:]
            n = m.copy()
            if code in n.apply(a, code):
                for later in n.stages():
                    out += Play.orders(later, rest)
        return out if done else [m]

    def pair(self, a, b):
        begun = [self.f.send(0, a), self.f.send(1, b)]
        codes = [self.f.finish(x) for x in begun]
        after = [n for m in self.ms for n in self.orders(m, list(zip((a, b), codes)))]
        if not after:
            raise Differs("answers are %s and %s, which no order of the two explains" %
                          tuple(codes))
        for m in after:
            m.settle()
        if sorted((a[0], b[0])) == ["plug", "unplug"] and a[1] == b[1]:
            after += [m.copy() for m in self.ms]  # too short to be seen
        self.ms = self.f.agree(after)

    @staticmethod
    def perhaps(m, begun):
        """Models after some of the actions, in any order; what was told to be recorded is."""
        out = []
        if not any(code in ("disposed", "granted") for _, code in begun):
            n = m.copy()
            for a, _ in begun:
                if a[0] in ("plug", "unplug"):  # whether the station has heard of it or not
                    n.slot[a[1]].plugged = a[0] == "plug"
            out.append(n)
        for i, (a, code) in enumerate(begun):
            for stage in m.stages():
                for guess in [code] if code else ["starts", "scanned", "disposed", "granted",
                                                  "answered", "stopped", None]:
                    n = stage.copy()
                    if guess in n.apply(a, guess):
                        out += Play.perhaps(n, begun[:i] + begun[i + 1:])
                        break
        return out

    def death(self, kind, delay_ms, actions, cycles_more, overdue):
        """Killed, or told to end, some ms after actions were begun."""
        begun = [self.f.send(i, a) for i, a in enumerate(actions)]
        time.sleep(delay_ms / 1000)
        self.f.end(*([signal.SIGKILL] if kind == "kill" else [signal.SIGTERM] * 2))
        codes = [self.f.finish(b) for b in begun]
        before = [n for m in self.ms for n in self.perhaps(m, list(zip(actions, codes)))]
        models = []
        for m in before:
            for x in m.stages():
                if kind == "term":
                    for n in SLOTS:
                        if x.slot[n].run:
                            x.end(n, "ABORTED", "operator")
                            x.ended(n, *x.slot[n].run["ending"])
                models.append(interrupted(x))
        cycles = models[0].cycles
        most = cycles + cycles_more if cycles_more else 0
        self.f.fixture(most, overdue)
        self.f.begin()
        is_ = self.f.record()
        right = [m for m in models if not self.f.unlike(is_, self.f.of_model(m))]
        if not right:
            raise Differs("after a %s, with answer %s: %s" % (
                kind, codes, "\nor ".join(sorted({self.f.unlike(is_, self.f.of_model(m))
                                                 for m in models}))))
        for m in right:
            m.cycles_max, m.overdue = most, overdue
        self.ms = self.f.agree(right)


# --- what may happen ---

def label(rnd, k):
    """A label of some plan; k moves on, so that new units come."""
    i = (k // 40 * 3 + rnd.randrange(6)) % 100
    kind = rnd.choices("AOFPGKQVMIEDXZ", [5, 4, 6, 5, 5, 2, 3, 3, 2, 5, 5, 1, 1, 1])[0]
    if kind in "AOFPGKQX":
        return "%s%03d" % (kind, i)
    if kind == "V":
        return "V%d%02d" % (rnd.choice((1, 9)), i)
    if kind == "M":
        text = "77%02d" % i
        good = live_model.luhn(text)
        return text + (good if rnd.random() < 0.8 else str((int(good) + 1) % 10))
    if kind in "IE":
        code = PLANS["ict" if kind == "I" else "eol"]["code"]
        form = rnd.choice(("(01)%s(21)S%03d", "]d201%s21S%03d"))
        return form % (code, i)
    if kind == "D":
        return rnd.choice(("D0%02d", "D1%02d")) % i
    return rnd.choice(("Z%03d", "A%03d ", "a%03d", "AA%03d", "(01)40063813339(21)S%03d")) % i


def serial(rnd, k):
    got = live_model.read_label(label(rnd, k))
    return got[1] if not isinstance(got, set) else serial(rnd, k)


def act(rnd, k, m):
    """One action that two hands at the floor could do now."""
    slot = rnd.choice(SLOTS)
    asks = [n for n in SLOTS if m.slot[n].run]
    kind = rnd.choices(("scan", "plug", "unplug", "answer", "choose", "stop", "badge", "own",
                        "dispose", "grant", "mode", "confirm", "typed", "shown"),
                       (30, 12, 9, 16 if asks else 1, 8, 3, 4, 5, 2, 3, 2,
                        8 if m.waits and m.waits[0] == "confirm" else 0.3, 2, 3))[0]
    if kind == "scan" and not m.person and rnd.random() < 0.7:
        kind = "badge"
    if kind == "badge":
        return ["scan", "BADGE." + rnd.choice(("11", "11", "12", "90", "95", "13"))]
    if kind == "scan":
        if any(m.slot[n].run and m.slot[n].run["question"] == "scan" for n in SLOTS) and \
           rnd.random() < 0.4:
            return ["scan", rnd.choice(("CABLE-7", "CABLE-8"))]
        return ["scan", label(rnd, k)]
    if kind == "typed":
        return ["scan", label(rnd, k), True]
    if kind == "own":
        return ["scan", "STATION." + rnd.choice(
            ("SLOT." + slot, "SLOT." + slot, "SLOT." + slot, "SLOT.9", "FORGET", "LOGOUT",
             "REWORK", "NTF", "SCRAP", "CHOICE.1", "EXPLODE"))]
    if kind in ("plug", "unplug", "choose", "shown"):
        return [kind, slot]
    if kind == "stop":
        return [kind, rnd.choice(asks or SLOTS)]
    if kind == "answer":
        return [kind, rnd.choice(asks or SLOTS), rnd.choice(("pass", "pass", "fail"))]
    if kind == "dispose":
        return [kind, rnd.choice(("rework", "ntf", "rework", "scrap")), serial(rnd, k)]
    if kind == "grant":
        return [kind, serial(rnd, k)]
    if kind == "mode":
        return [kind, slot, rnd.choice(("production", "production", "engineering", "golden"))]
    return [kind]


def two(rnd, k, m):
    """What two hands do at once, often to the same thing."""
    a, p = act(rnd, k, m), rnd.random()
    if p < 0.25:
        return [a, a]
    if p < 0.5 and a[0] == "scan":
        return [a, [rnd.choice(("plug", "unplug", "stop", "choose")),
                    m.which()[1] or rnd.choice(SLOTS)]]
    return [a, act(rnd, k, m)]


def next_action(rnd, k, m):
    p = rnd.random()
    if p < 0.15:
        return ["pair"] + two(rnd, k, m)
    if p < 0.18:
        return [rnd.choice(("kill", "kill", "term")), rnd.choice((0, 1, 2, 5, 10, 20, 50)),
                two(rnd, k, m)[:rnd.choice((0, 1, 2, 2))],
                rnd.choice((0, 0, 0, 5)), rnd.random() < 0.06]
    return act(rnd, k, m)


# --- one seed, and what shows its difference with fewer actions ---

def play(badges, hooks, actions, generate=None):
    """Do the actions; (index, text) of the first difference, or None. generate: makes more."""
    p = None
    i = -1
    try:
        p = Play(badges, hooks)
        for i in range(10 ** 9):
            if i == len(actions):
                a = generate(i, p.ms[0]) if generate else None
                if not a:
                    break
                actions.append(a)
            if os.environ.get("LIVE_TRACE"):
                m = p.ms[0]
                print(i, json.dumps(actions[i]),
                      {n: m.state(n) + "*" * m.slot[n].came for n in SLOTS}, m.person, m.chosen,
                      m.waits, m.which(), len(p.ms), flush=True)
            p.one(actions[i])
        p.one(["term", 0, [], 0, False])  # ends what still runs
        p.f.compare(p.ms)
    except Differs as e:
        said = [n["text"] for n in p.f.t[0].notices[-2:]] if p and p.f.p else []
        return i, "%s\n  last said: %s" % (e, said)
    finally:
        if p and p.f.p and p.f.p.poll() is None:
            try:
                p.f.end(signal.SIGTERM, signal.SIGTERM)
            except Differs:
                pass
    return None


def kind_of(text):
    """The difference without its names: a shorter list must show the same one."""
    return re.sub(r"[0-9]+|'[^']*'", "#", text)[:80]


def shrink(badges, hooks, actions, text, seconds=180):
    global SETTLE_S
    SETTLE_S = 3
    end = time.monotonic() + seconds
    step = max(len(actions) // 2, 1)
    while step and time.monotonic() < end:
        i = 0
        while i < len(actions) - 1 and time.monotonic() < end:
            fewer = actions[:i] + actions[i + step:] if i + step < len(actions) else \
                actions[:i] + actions[-1:]
            got = play(badges, hooks, list(fewer)) if fewer != actions else None
            if got and kind_of(got[1]) == kind_of(text):
                actions, text = fewer[:got[0] + 1], got[1]
            else:
                i += step
        step //= 2
    return actions, text


def main():
    os.chdir(root)
    shutil.copy("fixture.ini", "fixture.base")
    shutil.copy(conf, "conf.base")
    open("line", "w").write("#!/bin/sh\nread -r e\ncase $e in\n"
                            "*'7\",\"label\"'*) echo on hold; exit 1;;\n"
                            "*2'\",\"label\"'*) sleep 0.01;;\nesac\n")
    os.chmod("line", 0o755)
    live_model.write_plans(root + "/plans")
    badges = {}
    for who, role in live_model.ROLES.items():
        r = station("people", "add", who, "--name", "P" + who, "--role", role, "--format", "text")
        badges[who] = [w for w in r.stdout.split() if w.startswith("BADGE.")][0]
    if os.environ.get("LIVE_REPLAY"):
        actions = [json.loads(line) for line in open(os.environ["LIVE_REPLAY"])]
        print(play(badges, seed % 2, actions))
        return 1
    from_, done, seeds = time.monotonic(), 0, 0
    while True:
        rnd, actions = random.Random(seed + seeds), []
        got = play(badges, (seed + seeds) % 2, actions,
                   lambda i, m: next_action(rnd, i, m) if i < length else None)
        done += len(actions)
        if got:
            i, text = got
            print("seed %d, action %d: %s" % (seed + seeds, i, text), flush=True)
            print("log:", *open("var/station.log").read().splitlines()[-6:], sep="\n  ")
            if os.environ.get("LIVE_SHRINK", "1") != "0":
                actions, text = shrink(badges, (seed + seeds) % 2, actions[:i + 1], text)
                print("shortest: %s" % text)
                for a in actions:
                    print(json.dumps(a))
            return 1
        seeds += 1
        if time.monotonic() - from_ >= seconds:
            break
    print("%d random actions of %d seeds in %.0f s: the floor did what it must" % (
        done, seeds, time.monotonic() - from_))
    return 0


sys.exit(main())
