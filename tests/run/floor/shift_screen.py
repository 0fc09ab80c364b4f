"""A shift of argv[2] units through the screen, on eight boards; argv[3] is the seed, argv[4]
the tmux server. Scans and keys go through the terminal only. `station talk` looks on: it
tells when something has happened, so that nothing here sleeps for luck, and it marks no
verdict as seen. What was done is compared with the record, run by run."""
import json
import os
import random
import re
import subprocess
import sys
import time

import talk
from talk import BUILD, Talk, complain, ctl, records

conf, units, seed, server = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
rnd = random.Random(seed)
STROKE_S = 0.25  # our pace of fingers: a key is one behind 120 ms of silence
PAUSE_S = 0.6    # before F12, which counts 250 ms after the key before it
HAND_S = 0.5     # from a key to the scanner: a scan within 400 ms is in doubt
LOOK_S = 1       # before we look whether the screen has a scan for doubtful
AGAIN_S = 4      # before we press a key again that shows nothing
DOUBT = r"nothing was done: (scan|once)"  # of a machine that was busy: scan again, as it says
PICKED = "[>\u25ba] F%s  "


def flat(text):
    return " ".join(re.sub(r"[^\x20-\x7e]", " ", text).split())


class Screen:
    """The terminal: what a scanner and fingers send, what eyes see."""

    def tmux(self, *args):
        return subprocess.run(["tmux", "-L", server] + list(args), capture_output=True,
                              text=True).stdout

    def text(self):
        return self.tmux("capture-pane", "-p")

    pressed = 0
    again = 0  # scans and keys that a busy machine held up so that they did not count

    def scan(self, text):
        time.sleep(max(0, self.pressed + HAND_S - time.monotonic()))
        self.tmux("send-keys", "-l", text, ";", "send-keys", "Enter")

    def key(self, name):
        time.sleep(PAUSE_S if name == "F12" else STROKE_S)
        self.tmux("send-keys", name)
        self.pressed = time.monotonic()

    def see(self, what, pattern, seconds=20):
        end = time.monotonic() + seconds
        while True:
            text = self.text()
            if re.search(pattern, text):
                return True
            if time.monotonic() > end:
                complain("%s: no '%s' on the screen:\n%s" % (what, pattern, text))
                return False
            time.sleep(0.02)

    def press(self, name, what, pattern):
        """A key, and what must be seen then; again when nothing is, as a person would."""
        self.key(name)
        for _ in range(3):
            end = time.monotonic() + AGAIN_S
            while time.monotonic() < end:
                if re.search(pattern, self.text()):
                    return True
                time.sleep(0.02)
            self.again += 1
            self.key(name)
        return self.see(what, pattern)


def badge(number, role):
    r = subprocess.run([BUILD + "/station", "--conf", conf, "people", "add", number, "--name",
                        "P" + number, "--role", role, "--format", "text"],
                       capture_output=True, text=True)
    return [w for w in r.stdout.split() if w.startswith("BADGE.")][0]


def mod97(digits):
    """Two check digits of ISO 7064 behind the digits."""
    return "%s%02d" % (digits, 98 - int(digits) * 100 % 97)


class Shift:
    def __init__(self):
        self.badges = {"11": badge("11", "operator"), "12": badge("12", "operator")}
        self.engineer = badge("90", "engineer")
        self.t, self.s = Talk(conf), Screen()
        self.person = None
        self.on, self.todo, self.passed, self.failed = {}, [], [], []
        self.done = []      # what the record must say: one tuple a run
        self.decided = []   # (kind, what, serial, by)
        self.scans = {}     # outcome: how often
        self.overtaken = 0  # refusals that another message followed at once
        for i in range(units):
            kind = ("F" if i % 10 == 3 else "S" if i % 10 == 7 else "M" if i % 10 == 5 else "A")
            serial = mod97("77%04d" % i) if kind == "M" else "%s-%d" % (kind, 1000 + i)
            self.todo.append({"serial": serial, "kind": kind, "tries": 0})

    # --- a scan and what came of it ---

    def scan(self, text, *codes, names=None):
        """Scan; the station must answer with one of the codes, the screen say the same."""
        t = self.t
        with t.lock:
            mark = len(t.notices)

        def answer():
            for n in t.notices[mark:]:
                if (n["code"] in codes or n.get("kind") in ("no", "ask")) and \
                   (not names or names in n["text"]):
                    return n
            return None
        self.s.scan(text)
        tries = 1
        while tries < 5 and self.in_doubt(answer):
            tries += 1
            self.s.again += 1
            self.s.scan(text)
        n = t.until("an answer to the scan of %s" % text, answer) or {"code": "-", "text": "-"}
        if n["code"] not in codes:
            complain("scan of %s: %s, must be %s" % (text, n, codes))
        self.scans[n["code"]] = self.scans.get(n["code"], 0) + 1
        if n.get("kind") == "no":
            self.refusal_is_seen(n)
        return n

    def in_doubt(self, answer):
        """No answer comes, and the screen says that the scan did not count."""
        end, look = time.monotonic() + 20, time.monotonic() + LOOK_S
        while time.monotonic() < end:
            doubt = time.monotonic() > look and re.search(DOUBT, flat(self.s.text()))
            with self.t.lock:
                if answer() or self.t.lock.wait_for(answer, 0.05):
                    return False
            if doubt:
                return True
        return False

    def refusal_is_seen(self, n):
        words = n["text"].split()
        end = time.monotonic() + 20
        while True:
            text = self.s.text()
            if " ".join(words[:5]) in flat(text):  # the word REFUSED is in block letters
                return
            if self.t.notices[-1] is not n:
                self.overtaken += 1
                return
            if time.monotonic() > end:
                complain("refused, and not on the screen: %s\n%s" % (n, text))
                return
            time.sleep(0.02)

    def login(self, number=None):
        self.person = number or ("12" if self.person == "11" else "11")
        self.scan(self.badges[self.person], "logged_in", names="P" + self.person)

    def logout(self):
        self.scan("STATION.LOGOUT", "logged_out")
        self.scan("A-1", "no_operator")
        self.login()

    # --- a unit ---

    def start(self, slot, u):
        t, serial, way = self.t, u["serial"], rnd.random()
        if way < 0.7:  # the board first
            ctl("plug", slot)
            t.state(slot, "in", interface=True)
            n = self.scan(serial, "starts", names=serial)
            if n.get("slot", slot) != slot:
                complain("%s went to slot %s, must be %s" % (serial, n.get("slot"), slot))
        else:  # the label first: the only free slot, or the one that is named
            n = self.scan(serial, "which_slot", "scanned", names=serial)
            if n["code"] == "which_slot" and way < 0.95:
                self.scan("STATION.SLOT." + slot, "scanned", names=serial)
            elif n["code"] == "which_slot":
                self.s.see("a question", "Which slot")
                self.s.press("F" + slot, "a mark", PICKED % slot)
                self.s.press("F12", "it is scanned", "(?s)^(?!.*Which slot)")
            t.state(slot, "scanned", serial=serial)
            by = self.person
            if rnd.random() < 0.2:
                self.login()  # another one than the one who scanned it, who is recorded
            u["by"] = by
            ctl("plug", slot)
        u.setdefault("by", self.person)
        u["tries"] += 1
        u["out"] = False
        self.on[slot] = u

    def retest(self, slot, u):
        """Once more without pulling it out: the slot is not the only free one."""
        n = self.scan(u["serial"], "which_slot", "starts", names=u["serial"])
        if n["code"] == "which_slot":
            self.scan("STATION.SLOT." + slot, "starts", names=u["serial"])
        u["by"] = self.person
        u["tries"] += 1

    def look(self, slot, text):
        """One slot: is there something to do?"""
        t, u = self.t, self.on[slot]
        with t.lock:
            s = t.slot[slot]
        if s.get("serial") != u["serial"] or u.get("run") == s.get("run"):
            return
        if u["kind"] == "S" and u["tries"] == 1 and s.get("state") == "running" and not u["out"]:
            if rnd.random() < 0.3:
                self.scan(u["serial"], "already_running")
            ctl("unplug", slot)
            u["out"] = True
            return
        if s.get("state") != "ended":
            return
        want = {"F": "FAIL", "S": "ERROR" if u["tries"] == 1 else "PASS"}.get(u["kind"], "PASS")
        if s.get("verdict") != want:
            complain("%s on slot %s: %s %s, must be %s" % (
                u["serial"], slot, s.get("verdict"), s.get("message"), want))
        if not re.search(r"[ >\u25ba]%s +[^ ]* %s  %s" % (slot, want, u["serial"]), text):
            u["late"] = u.get("late", 0) + 1
            if u["late"] > 600:
                complain("%s %s is not on the screen:\n%s" % (u["serial"], want, text))
                u["late"] = -10 ** 6
            return
        if want == "ERROR" and ("slot %s" % slot not in s.get("message", "") or
                                s.get("code") != "ERR_GONE" or s.get("blame") != "station"):
            complain("an unplugged one is told as %s" % s)
        u.update(run=s["run"], late=0)
        self.done.append((u["serial"], want, u.pop("by"), slot, u["tries"]))
        self.after(slot, u, want)

    def after(self, slot, u, want):
        if u["kind"] == "F" and u["tries"] < 2:
            self.retest(slot, u)
            return
        if not u["out"]:
            ctl("unplug", slot)
        self.t.state(slot, "ended", pulled=True)
        del self.on[slot]
        if want == "ERROR":
            self.todo.insert(0, u)  # tested again
        elif want == "PASS":
            self.passed.append(u["serial"])
        else:
            self.scan(u["serial"], "attempts_used_up", names=u["serial"])
            what = rnd.choice(["SCRAP", "NTF", "REWORK"])
            self.scan("STATION." + what, "disposed", names=u["serial"])
            self.decided.append(("disposition", what.lower(), u["serial"], self.person))
            if what == "SCRAP":
                self.scan(u["serial"], "scrapped", names=u["serial"])
            self.failed.append(u["serial"])

    def wrong_scans(self):
        self.scan(rnd.choice(self.passed), "already_passed")
        pick = rnd.randrange(5)
        if pick == 0:
            self.scan("X%d" % rnd.randrange(10 ** 9), "no_plan")
        elif pick == 1:
            self.scan("BADGE.11.%d" % rnd.randrange(10 ** 39), "badge_unknown")
        elif pick == 2:
            good = mod97("770001")
            self.scan(good[:-1] + str((int(good[-1]) + 1) % 10), "wrong_check_digit")
        elif pick == 3:
            self.scan("R-%d" % rnd.randrange(1000), "previous_missing")
        else:
            self.scan("STATION.SLOT.99", "no_such_slot", "unknown_code")

    def work(self):
        self.s.see("the slots", "EMPTY")
        self.scan("A-9999", "no_operator")
        self.login("11")
        starts, end = 0, time.monotonic() + 330
        while (self.todo or self.on) and time.monotonic() < end and talk.bad < 5:
            text = self.s.text()
            for slot in list(self.on):
                self.look(slot, text)
            free = [s for s in self.t.names if s not in self.on]
            if self.todo and free:
                starts += 1
                if starts % 25 == 0:
                    self.login()
                if starts % 67 == 0:
                    self.logout()
                if starts % 8 == 0 and self.passed:
                    self.wrong_scans()
                self.start(rnd.choice(free), self.todo.pop(0))
            else:
                time.sleep(0.02)
        if self.todo or self.on:
            complain("not done: %s, %s" % (self.todo[:3], self.on))

    def grant(self):
        """One more attempt by the engineer's menu, keys only, and an engineer's badge."""
        slot, serial = "1", "F-9"
        u = {"serial": serial, "kind": "F", "tries": 0}
        self.start(slot, u)
        end = time.monotonic() + 60
        while slot in self.on and time.monotonic() < end and talk.bad < 5:
            text = self.s.text()
            if u["tries"] == 2 and self.t.slot[slot].get("state") == "ended" and \
               self.t.slot[slot].get("run") != u.get("run"):
                break
            self.look(slot, text)
            time.sleep(0.02)
        self.t.state(slot, "ended", attempt=2)
        self.s.see("the second verdict", r"FAIL  %s +try 2 of 2" % serial)
        self.done.append((serial, "FAIL", u.pop("by"), slot, 2))
        del self.on[slot]
        self.s.press("F4", "the slot's view", "Slot 1  ")  # slot 1 is marked
        self.s.press("F9", "the engineer's menu", "what shall be done")
        self.s.press("F9", "its ninth line", PICKED % 9)
        self.s.press("Down", "its tenth line", PICKED % 1)
        self.s.press("F12", "the serial of the unit", "Serial number of the unit")
        self.s.press("x", "a character behind the serial", serial + "x")
        self.s.press("BSpace", "the serial", "(?s)^(?!.*%sx)" % serial)
        self.s.press("F12", "a reason", "Reason")
        for i in range(4):
            self.s.press("dust"[i], "the reason", "dust"[:i + 1])
        self.s.press("F12", "a badge", "Whose badge")
        self.scan(self.engineer, "granted", names=serial)
        self.decided.append(("grant", "attempt", serial, "90"))
        self.s.press("F4", "all slots", r"FAIL  %s +try 2 of 2" % serial)
        self.retest(slot, u)
        self.t.state(slot, "ended", attempt=3, serial=serial)
        self.s.see("the third verdict", r"FAIL  %s +try 3 of 3" % serial)
        self.done.append((serial, "FAIL", u["by"], slot, 3))

    # --- the record ---

    def compare(self):
        self.t.until("each verdict was seen", lambda: self.t.status.get("not_shown", 0) == 0)
        rows = records(conf)
        tries, kept = {}, []
        for r in rows:
            n = tries[r["serial"]] = tries.get(r["serial"], 0) + 1
            kept.append((r["serial"], r["verdict"], r["operator"], r["slot"], n))
            code = [a["code"] for s in r["steps"] for a in s["attempts"] if a.get("code")]
            if r["operator_how"] != "badge operator" or not r["counts"]:
                complain("%s: by %s, counts %s" % (r["serial"], r["operator_how"], r["counts"]))
            if r["verdict"] == "ERROR" and (code != ["ERR_GONE"] or r["blame"] != "station"):
                complain("%s: %s, blame %s" % (r["serial"], code, r["blame"]))
        for run in sorted(set(self.done) - set(kept)):
            complain("done and not recorded: %s %s by %s on slot %s, run %d" % run)
        for run in sorted(set(kept) - set(self.done)):
            complain("recorded and not done: %s %s by %s on slot %s, run %d" % run)
        if len(kept) != len(self.done):
            complain("%d runs recorded, %d done" % (len(kept), len(self.done)))
        self.compare_decisions()

    def compare_decisions(self):
        out = os.path.join(os.path.dirname(conf), "exported")
        subprocess.run([BUILD + "/station", "--conf", conf, "export", "--output", out],
                       capture_output=True)
        with open(out + "/decisions.jsonl") as f:
            kept = sorted((r["kind"], r["what"], r["serial"], r["by"]) for r in map(json.loads, f)
                          if r["kind"] in ("grant", "disposition"))
        if kept != sorted(self.decided):
            complain("decisions: recorded %s, done %s" % (
                [d for d in kept if d not in self.decided],
                [d for d in self.decided if d not in kept]))


s = Shift()
from_ = time.monotonic()
s.work()
if talk.bad < 5:
    s.grant()
took = time.monotonic() - from_
s.compare()
if s.overtaken > sum(s.scans.values()) // 10:
    complain("%d refusals were not seen" % s.overtaken)
if s.s.again > sum(s.scans.values()) // 10:
    complain("%d scans and keys did not count" % s.s.again)
s.t.close()
refused = {k: n for k, n in s.scans.items() if k not in
           ("starts", "scanned", "logged_in", "logged_out", "disposed", "granted", "which_slot")}
talk.finish("%d units in %.0f s, %d runs, %d scans of which %d refused for %d reasons, %d once more, "
            "seed %d: the record holds what was done" % (
                units, took, len(s.done), sum(s.scans.values()), sum(refused.values()),
                len(refused), s.s.again, seed))
