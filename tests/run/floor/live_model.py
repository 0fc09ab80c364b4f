"""live_model -- what the floor must do, as simply as it can be said: from README.md,
plans/README.md and the retest policy, not from the station's code.

A model takes an action and the code that the station answered with, says which codes would
have been right, and becomes what the station must then be. Runs that end by themselves go on
until settle().
"""
import copy
import json
import re

SLOTS = ("1", "2", "3", "4")
ROLES = {"11": "operator", "12": "operator", "90": "engineer", "95": "qa"}
RANK = {None: 0, "operator": 1, "engineer": 2, "qa": 3}

# What a plan does: "ends" names the verdict of a run that asks nobody, "asks" the question.
PLANS = {
    "pass": dict(label="A[0-9]{3}", passed="refuse", ends="PASS"),
    "os": dict(label="O[0-9]{3}", passed="refuse", ends="PASS", os=True),
    "fail": dict(label="F[0-9]{3}", attempts=2, ends="FAIL"),
    "ask": dict(label="P[0-9]{3}", attempts=2, passed="ask", asks="pass"),
    "hold": dict(label="G[0-9]{3}", attempts=3, asks="pass", failed=True),
    "cable": dict(label="K[0-9]{3}", passed="refuse", asks="scan"),
    "needsqa": dict(label="Q[0-9]{3}", attempts=1, grant="qa", ends="FAIL"),
    "variant": dict(label="V[0-9]{3}", passed="refuse", ends="PASS", bad="V9"),
    "luhn": dict(label="77[0-9]{3}", check="luhn", ends="PASS"),
    "ict": dict(label="S[0-9]{3}", code="04006381333931", process="ICT", attempts=2, asks="pass"),
    "eol": dict(label="S[0-9]{3}", code="00000073513537", process="EOL", route=["ICT"],
                passed="refuse", ends="PASS"),
    "two_a": dict(label="D[0-9]{3}", ends="PASS"),
    "two_b": dict(label="D0[0-9]{2}", ends="PASS"),
    "broken": dict(label="X[0-9]{3}", broken=True, ends="PASS"),
}
for name_, p_ in PLANS.items():
    p_.update(name=name_, attempts=p_.get("attempts", 0), passed=p_.get("passed", "allow"),
              process=p_.get("process", "FCT"), route=p_.get("route", []),
              grant=p_.get("grant", "engineer"))


def write_plans(folder):
    for name, p in PLANS.items():
        keys = ["[plan]", "title = " + name, "board = virtual-console", "product = T",
                "process = " + p["process"], "serial = /^%s$/" % p["label"],
                "attempts = %d" % p["attempts"], "passed = " + p["passed"],
                "grant = " + p["grant"]]
        keys += ["label = gs1", "code = " + p["code"]] if "code" in p else []
        keys += ["check = " + p["check"]] if "check" in p else []
        keys += ["route = " + ", ".join(p["route"])] if p["route"] else []
        keys += ["nonsense = 1"] if p.get("broken") else []
        limit = "limit waited = " + (">= 20 s" if p.get("failed") or p.get("ends") == "FAIL"
                                     else "<= 20 s")
        keys += ["[step w]", "kind = wait", "for = 2 ms", limit]
        keys += ["on_fail = continue"] if p.get("failed") else []
        keys += ["[step os]", "kind = os_version", "accept = 24.06"] if p.get("os") else []
        if "asks" in p:
            keys += ["[step q]", "kind = prompt", "text = Well?", "answer = " + p["asks"],
                     "within = 1 h", "timeout = 2 h"]
            keys += ["accept = CABLE-7"] if p["asks"] == "scan" else []
        if "bad" in p:
            keys += ["[variant BAD]", "serial = /^%s/" % p["bad"], "step w.limit waited = >= 20 s"]
        open("%s/%s.ini" % (folder, name), "w").write("\n".join(keys) + "\n")


def luhn(digits):
    total = 0
    for i, c in enumerate(reversed(digits)):
        n = int(c) * (1 if i % 2 else 2)
        total += n - 9 if n > 9 else n
    return str(-total % 10)


def read_label(text):
    """(plan, serial, variant) of a label, or a set of codes of which one refuses it."""
    gs1 = re.fullmatch(r"\(01\)([0-9]{14})\(21\)([!-~]{1,20})", text) or \
        re.fullmatch(r"\]d201([0-9]{14})21([!-~]{1,20})", text)
    if gs1:
        code, serial = gs1.groups()
        for p in PLANS.values():
            if p.get("code") == code and re.fullmatch(p["label"], serial):
                return p, serial, ""
        return {"no_plan"}
    wants = [p for p in PLANS.values() if "code" not in p and re.fullmatch(p["label"], text)]
    if not wants:
        return {"wrong_format"} if text.startswith("(") else {"no_plan"}
    if len(wants) > 1:
        return {"several_plans"}
    p = wants[0]
    if "check" in p and luhn(text[:-1]) != text[-1]:
        return {"wrong_check_digit"}
    if p.get("broken"):
        return {"plan_not_clean"}
    return p, text, "BAD" if "bad" in p and text.startswith(p["bad"]) else ""


class Slot:
    def __init__(self):
        self.plugged, self.came, self.mode = False, False, "production"
        self.unit, self.run, self.ended = None, None, None
        self.pulled = self.asked = False  # asked: whether the unit may start, of the line


class Model:
    def __init__(self, hooks):
        self.hooks = hooks      # before_unit refuses serials that end in 7
        self.held = 0           # so often since the station began
        self.slot = {n: Slot() for n in SLOTS}
        self.person = None
        self.chosen = self.waits = None
        self.last = None        # the unit that a disposition is for
        self.runs = []          # as the record must have them, in order of their start
        self.decisions = []
        self.seq = 0            # of what was recorded last
        self.cycles_max, self.overdue, self.cycles = 0, False, 0

    def copy(self):
        return copy.deepcopy(self)

    def text(self):
        """All of it, to compare with another one."""
        return json.dumps(vars(self), default=vars, sort_keys=True)

    # --- what the record tells of a unit ---

    def next(self):
        self.seq += 1
        return self.seq

    def history(self, serial, process):
        """Counted runs and decisions of a unit since its last disposition."""
        events = [r for r in self.runs + self.decisions
                  if r["serial"] == serial and r["process"] == process]
        events.sort(key=lambda e: e["seq"])
        since = []
        for e in events:
            since = [] if e.get("kind") == "disposition" else since + [e]
        return [e for e in since if e.get("counts")], sum(e.get("kind") == "grant" for e in since)

    def scrapped(self, serial):
        return any(d["what"] == "scrap" and d["serial"] == serial for d in self.decisions)

    def passed_at(self, serial, process):
        last = "missing"
        for e in sorted(self.runs + self.decisions, key=lambda e: e["seq"]):
            if e["serial"] == serial and e["process"] == process and e.get("counts"):
                last = "passed" if e["verdict"] == "PASS" else "failed"
        return last

    def attempts(self, plan, serial):
        counted, grants = self.history(serial, plan["process"])
        return len(counted) + 1, plan["attempts"] + grants if plan["attempts"] else 0

    def against(self, plan, serial, mode, confirmed, asks_who=True):
        """Every reason why this unit may not start."""
        no = set()
        if asks_who and not self.person:
            no.add("no_operator")
        if any(s.run and s.run["serial"] == serial for s in self.slot.values()):
            no.add("already_running")  # or still about to
            if any(s.run and self.moves(n) for n, s in self.slot.items()):
                no.add("waits_already")
        if any(s.unit and s.unit["serial"] == serial for s in self.slot.values()):
            no.add("waits_already")
        if self.scrapped(serial):
            no.add("scrapped")
        if self.overdue:
            no.add("calibration_overdue")
        if self.cycles_max and self.cycles >= self.cycles_max:
            no.add("cycles_used_up")
        if mode != "production":
            return no
        counted, _ = self.history(serial, plan["process"])
        n, most = self.attempts(plan, serial)
        if counted and counted[-1]["verdict"] == "PASS" and plan["passed"] != "allow":
            if plan["passed"] == "refuse":
                no.add("already_passed")
            elif not confirmed:
                no.add("already_passed_ask")
        if most and n > most:
            no.add("attempts_used_up")
        for before in plan["route"]:
            was = self.passed_at(serial, before)
            if was != "passed":
                no.add("previous_" + was)
        return no

    # --- slots ---

    def free(self, s):
        return not s.unit and not s.run

    def which(self):
        """('unit' or 'reply' or 'ask' or 'taken', slot)."""
        s = self.slot
        asks = [n for n in SLOTS if s[n].run and s[n].run.get("question") == "scan"]
        came = [n for n in SLOTS if s[n].came and self.free(s[n])]
        free = [n for n in SLOTS if self.free(s[n])]
        if self.chosen:
            if self.chosen in asks:
                return "reply", self.chosen
            return ("unit" if self.chosen in free else "taken"), self.chosen
        if asks:
            return ("reply", asks[0]) if len(asks) == 1 and not came else ("ask", None)
        if came:
            return ("unit", came[0]) if len(came) == 1 else ("ask", None)
        if free:
            return ("unit", free[0]) if len(free) == 1 else ("ask", None)
        return "taken", None

    def put(self, n, unit):
        """The unit is for this slot; it starts when its board is there."""
        s = self.slot[n]
        s.ended, s.pulled, s.came = None, False, False
        s.unit = unit
        if not s.plugged:
            return "scanned"
        self.begin(n)
        return "starts"

    def begin(self, n):
        """Unit and board are there: the line is asked, else it starts."""
        if self.hooks:
            self.slot[n].asked = True
        else:
            self.start(n, self.slot[n].unit)

    def line_said(self, n):
        s, u = self.slot[n], self.slot[n].unit
        s.asked, s.unit = False, None
        self.held += bool(self.hooks and u["serial"].endswith("7"))
        if (self.hooks and u["serial"].endswith("7")) or \
           self.against(PLANS[u["plan"]], u["serial"], s.mode, u["confirmed"], False):
            s.came = s.plugged
        else:
            self.start(n, u)

    def start(self, n, unit):
        s = self.slot[n]
        p = PLANS[unit["plan"]]
        attempt, most = self.attempts(p, unit["serial"])
        if s.mode != "production":
            attempt = 0
        seen = 1 + sum(r["counts"] for r in self.runs
                       if (r["serial"], r["process"]) == (unit["serial"], p["process"]))
        s.run = dict(unit, slot=n, process=p["process"], mode=s.mode, seq=0, attempt=attempt,
                     seen=seen,
                     most=most, question=None, will_ask=p.get("asks"), ending=None, over=False,
                     failed=False, verdict=None, counts=False)
        self.cycles += 1
        self.runs.append(s.run)
        s.unit, s.ended, s.pulled, s.came = None, None, False, False
        if "ends" in p:
            s.run["ends"] = "FAIL" if unit["variant"] == "BAD" else p["ends"]

    def end(self, n, verdict, blame):
        """Its run comes to an end. What comes before its last step is over decides with it."""
        r = self.slot[n].run
        if not r["over"]:
            r.update(ending=(verdict, blame), question=None, will_ask=None, ends=None)

    def ended(self, n, verdict, blame):
        """It is recorded."""
        s = self.slot[n]
        r = s.run
        failed = r["failed"] or r["over"] and r["ending"][0] == "FAIL"
        if r["failed"] and verdict != "INTERRUPTED":  # the first cause decides
            verdict, blame = "FAIL", "unit"
        r.update(verdict=verdict, blame=blame, question=None, will_ask=None, ends=None)
        r["counts"] = r["mode"] == "production" and (verdict in ("PASS", "FAIL") or bool(failed))
        r["production"] = r["mode"] == "production"
        r["seq"] = self.next()
        s.run, s.ended, s.pulled = None, r, not s.plugged
        r["unseen"] = True

    def derive(self):
        """Attempt numbers of the record: over counted runs, in order of their start."""
        n = {}
        for r in self.runs:
            key = r["serial"], r["process"]
            n[key] = n.get(key, 0) + r["counts"]
            r["number"] = n[key] if r["counts"] else 0

    def moves(self, n):
        """Something goes on there that no action is needed for."""
        s = self.slot[n]
        return s.asked or s.run and (s.run.get("ends") or s.run["will_ask"] or s.run["ending"])

    def step(self, n):
        """It goes on: the line answers, a run comes to its question or ends."""
        r = self.slot[n].run
        if self.slot[n].asked:
            self.line_said(n)
        elif r["will_ask"]:
            r["question"], r["will_ask"] = r["will_ask"], None
            r["failed"] = PLANS[r["plan"]].get("failed")  # its first step is over
        elif r["over"]:
            self.ended(n, *r["ending"])
        else:
            if not r["ending"]:
                self.end(n, r["ends"], "unit" if r["ends"] == "FAIL" else "-")
            r["over"] = True

    def stages(self):
        """This model, and all that may become of it without any action."""
        out, texts = [self], {self.text()}
        for m in out:
            for n in SLOTS:
                if m.moves(n):
                    later = m.copy()
                    later.step(n)
                    if later.text() not in texts:
                        texts.add(later.text())
                        out.append(later)
        return out

    def settle(self):
        for n in SLOTS:
            while self.moves(n):
                self.step(n)

    def state(self, n):
        s = self.slot[n]
        return "running" if s.run else "scanned" if s.unit else "ended" if s.ended else \
            "in" if s.plugged else "out"

    # --- actions: each returns the set of right answers ---

    def apply(self, a, code):
        return getattr(self, "do_" + a[0])(code, *a[1:])

    def do_plug(self, code, n):
        s = self.slot[n]
        if s.plugged:
            return {None}
        s.plugged = True
        if s.run:
            return {None}
        if s.unit:
            u, s.unit = s.unit, None
            if self.against(PLANS[u["plan"]], u["serial"], s.mode, u["confirmed"], False):
                s.came = True
            else:
                s.unit = u
                self.begin(n)
        else:
            s.ended, s.pulled, s.came = None, False, True
            if self.waits and self.waits[0] in ("scan", "unit"):
                self.waited()
        return {None}

    def waited(self):
        """A scan waits for a slot: a board that has just been plugged in may be its own."""
        way, n = self.which()
        if way == "unit" and self.waits[0] == "unit":
            u = self.waits[1]
            self.waits = self.chosen = None
            no = self.against(PLANS[u["plan"]], u["serial"], self.slot[n].mode, u["confirmed"])
            if not no:
                self.put(n, u)
            elif no == {"already_passed_ask"}:
                self.waits = ("confirm", u, n)

    def do_unplug(self, code, n):
        s = self.slot[n]
        if not s.plugged:
            return {None}
        s.plugged = s.came = s.asked = False
        if s.run:
            self.end(n, "ERROR", "station")
        elif s.ended:
            s.pulled = True
        return {None}

    def do_scan(self, code, text, typed=False):
        if text.startswith("BADGE.") and not typed:
            return self.badge(code, text[6:])
        if text.startswith("STATION.") and not typed:
            return self.own(code, text[8:])
        if typed and not self.person:
            return {"no_operator"}
        way, n = self.which()
        if way == "reply":
            if not self.person:
                return {"no_operator"}
            self.chosen = self.waits = None
            return self.reply(n, text)
        asks = any(s.run and s.run.get("question") == "scan" for s in self.slot.values())
        label = read_label(text)
        self.waits = None  # a newer scan takes the place of one that waits
        if way == "ask" and asks:  # it may be an answer, whatever it looks like
            if isinstance(label, set):
                self.waits = ("scan", None, text)
            else:
                p, serial, variant = label
                self.waits = ("unit", dict(plan=p["name"], serial=serial, variant=variant,
                                           by=self.person, confirmed=False, text=text), text)
                self.last = (serial, p["process"], p["name"])
            return {"which_slot"}
        if isinstance(label, set):
            if not self.person:
                label = label | {"no_operator"}
            return label
        plan, serial, variant = label
        u = dict(plan=plan["name"], serial=serial, variant=variant, by=self.person,
                 confirmed=False, text=text)
        return self.unit(code, u, way, n)

    def unit(self, code, u, way, n):
        self.last = (u["serial"], PLANS[u["plan"]]["process"], u["plan"])
        modes = {s.mode for s in self.slot.values()}
        mode = self.slot[n].mode if n else modes.pop() if len(modes) == 1 else None
        no = set()
        if mode:
            no = self.against(PLANS[u["plan"]], u["serial"], mode, u["confirmed"])
        elif code != "which_slot":  # told now, or when the slot and its mode are known
            no = self.against(PLANS[u["plan"]], u["serial"], "engineering", u["confirmed"])
        if way == "taken":
            no = no | {"slot_taken", "no_slot"}
        if way == "ask":
            no.discard("already_passed_ask")  # asked once the slot is known
        if no:
            if code == "already_passed_ask":
                self.waits, self.chosen = ("confirm", u, n), None
            elif code == "slot_taken":
                self.chosen = None
            return no
        if way == "ask":
            self.waits = ("unit", u, u["text"])
            return {"which_slot"}
        self.chosen = self.waits = None
        return {self.put(n, u)}

    def reply(self, n, text):
        s = self.slot[n]
        good = text == {"scan": "CABLE-7", "pass": "pass"}[s.run["question"]]
        self.end(n, "PASS" if good else "FAIL", "-" if good else "unit")
        return {"answered"}

    def badge(self, code, who):
        if who not in ROLES:
            return {"badge_unknown"}
        if self.waits and self.waits[0] == "command":
            _, least, what, args = self.waits
            if RANK[ROLES[who]] < RANK[least]:
                return {"not_allowed"}
            self.waits = None
            return getattr(self, "by_" + what)(code, who, *args)
        self.person = who
        return {"logged_in"}

    def own(self, code, word):
        if word.startswith("SLOT."):
            return self.do_choose(code, word[5:], by_scan=True)
        if word == "FORGET":
            self.waits = self.chosen = None
            return {"forgotten"}
        if word == "LOGOUT":
            return self.do_logout(code)
        if word in ("REWORK", "SCRAP", "NTF"):
            return self.do_dispose(code, word.lower(), None)
        if word.startswith("CHOICE."):
            return {"no_question"}
        return {"unknown_code"}

    def do_logout(self, code):
        was, self.person = self.person, None
        self.waits = self.chosen = None
        return {"logged_out"} if was else {"logged_out", "nobody"}

    def do_forget(self, code):
        return self.own(code, "FORGET")

    def do_choose(self, code, n, by_scan=False):
        if n not in self.slot:
            return {"no_such_slot", "unknown_code"}
        if not self.person and not by_scan:
            return {"no_operator"}
        if not self.waits or self.waits[0] not in ("scan", "unit"):
            self.chosen = n
            return {"slot_chosen"}
        what, s = self.waits, self.slot[n]
        if s.run and s.run.get("question") == "scan":
            if not self.person:
                return {"no_operator"}
            self.waits = self.chosen = None
            return self.reply(n, what[2])
        if what[0] == "scan":
            return {"no_question"}
        if not self.free(s):
            return {"slot_taken"}
        self.waits = None
        return self.unit(code, what[1], "unit", n)

    def do_confirm(self, code):
        if not self.person:
            return {"no_operator"}
        if not self.waits or self.waits[0] != "confirm":
            return {"nothing_waits", "not_now"}
        _, u, n = self.waits
        self.waits = None
        return self.unit(code, dict(u, confirmed=True),
                         "unit" if self.free(self.slot[n]) else "taken", n)

    def do_answer(self, code, n, text):
        if not self.person:
            return {"no_operator"}
        s = self.slot[n]
        if not s.run or not s.run.get("question"):
            return {"no_question"}
        return self.reply(n, text)

    def do_stop(self, code, n):
        if not self.person:
            return {"no_operator"}
        s = self.slot[n]
        if s.unit:
            s.unit, s.asked, s.came = None, False, False
            return {"stopped"}
        if not s.run:
            return {"not_now"}
        self.end(n, "ABORTED", "operator")
        return {"stopped"}

    def do_dispose(self, code, what, serial):
        if not self.person:
            return {"no_operator"}
        unit = self.known(serial)
        if not unit:
            return {"which_unit"}
        self.decisions.append(dict(kind="disposition", what=what, serial=unit[0], process=unit[1],
                                   by=self.person, seq=self.next()))
        return {"disposed"}

    def known(self, serial):
        """(serial, process) of a unit in the record, or that was scanned last; None."""
        if self.last and serial in (None, self.last[0]):
            return self.last[:2]
        for r in reversed(self.runs):
            if r["serial"] == serial and r["verdict"]:
                return serial, r["process"]
        return None

    def engineer(self, code, least, what, *args):
        if RANK[ROLES.get(self.person)] < RANK[least]:
            self.waits = ("command", least, what, args)
            return {"badge_needed"}
        return getattr(self, "by_" + what)(code, self.person, *args)

    def do_mode(self, code, n, mode):
        return self.engineer(code, "engineer", "mode", n, mode)

    def by_mode(self, code, who, n, mode):
        self.slot[n].mode = mode
        return {"mode"}

    def do_grant(self, code, serial):
        return self.engineer(code, "engineer", "grant", serial)

    def by_grant(self, code, who, serial):
        unit = self.known(serial)
        if not unit:
            return {"which_unit"}
        process = unit[1]
        grant = [p["grant"] for p in PLANS.values()
                 if p["process"] == process and re.fullmatch(p["label"], serial)]
        if "qa" in grant and ROLES[who] != "qa":
            return {"needs_qa"}
        self.decisions.append(dict(kind="grant", what="attempt", serial=serial, process=process,
                                   by=who, seq=self.next()))
        return {"granted"}

    # --- the station dies, or is ended, and comes again ---

    def do_shown(self, code, n):
        if self.slot[n].ended:
            self.slot[n].ended["unseen"] = False
        return {None}

    def unseen(self):
        return sum(bool(r.get("unseen")) for r in self.runs)

    def reborn(self):
        """Of each unit the last verdict is worth a look, and nothing else is remembered."""
        last = {(r["serial"], r["process"]): r for r in self.runs}
        for r in self.runs:
            r["unseen"] = r.get("unseen") and r is last[r["serial"], r["process"]]
        self.person = self.chosen = self.waits = self.last = None
        self.held = 0
        for n in SLOTS:
            s = self.slot[n]
            s.unit, s.ended, s.pulled, s.came, s.mode = None, None, False, False, "production"
            s.asked = False
