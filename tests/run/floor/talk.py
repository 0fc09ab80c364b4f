"""talk -- a front-end of the station for tests: `station talk` as an object.

Messages are read by a thread, so that the station is never held up; waits have an end,
and what did not come is one line that says what there was instead.
"""
import json
import os
import signal
import subprocess
import sys
import threading
import time

BUILD = os.environ["BUILD"]
bad = 0


def complain(text):
    global bad
    bad += 1
    print("floor:", text, flush=True)


class Talk:
    def __init__(self, conf, say=None):
        self.say = say  # each line, for whoever looks on
        self.p = subprocess.Popen([BUILD + "/station", "--conf", conf, "talk"], bufsize=0,
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.lock = threading.Condition()
        self.slot, self.status, self.replies = {}, {}, {}
        self.notices, self.history, self.stream = [], [], []
        self.seen, self.ids, self.gone = 0, 0, False
        threading.Thread(target=self._read, daemon=True).start()
        self.until("the first picture",
                   lambda: self.status and self.names and len(self.slot) == len(self.names))

    names = None

    def _read(self):
        for line in self.p.stdout:
            m = json.loads(line)
            with self.lock:
                kind = m["type"]
                if kind == "hello":
                    self.names, self.pid = m["slots"], m["pid"]
                elif kind == "slot":
                    self.slot[m["name"]] = m
                    self.history.append(m)
                elif kind == "status":
                    self.status = m
                elif kind == "notice":
                    self.notices.append(m)
                elif kind == "reply":
                    rows = self.replies.get(m["id"], {}).get("rows", [])
                    self.replies[m["id"]] = dict(m, rows=rows + m.get("rows", []))
                else:
                    self.stream.append(m)
                self.lock.notify_all()
        with self.lock:
            self.gone = True
            self.lock.notify_all()

    def until(self, what, test, seconds=20):
        """Wait until test() holds; returns what it gave, or complains and returns None."""
        end = time.monotonic() + seconds
        with self.lock:
            while True:
                got = test()
                if got:
                    return got
                left = end - time.monotonic()
                if left <= 0 or (self.gone and not test()):
                    complain("%s does not come; slots: %s; last notices: %s" % (
                        what, {n: (s["state"] if "state" in s else "?", s.get("verdict", "-"),
                                   s.get("message", "")) for n, s in self.slot.items()},
                        self.notices[-3:]))
                    return None
                self.lock.wait(left)

    def do(self, what, **more):
        """Give a command; returns its reply."""
        with self.lock:
            self.ids += 1
            number = self.ids
            self.seen = len(self.notices)
        line = json.dumps(dict(more, do=what, id=number, type="command")) + "\n"
        try:
            self.p.stdin.write(line.encode())
        except OSError as e:
            complain("%s: %s" % (what, e))
            return {}
        return self.until("the reply to %s" % line.strip(),
                          lambda: number in self.replies and
                          not self.replies[number].get("more") and self.replies[number]) or {}

    def scan(self, text, **more):
        return self.do("scan", text=text.replace("\\", "\\\\"), **more)

    def shown(self, run):
        self.p.stdin.write((json.dumps({"type": "shown", "run": run}) + "\n").encode())

    def expect(self, what, reply, code):
        if reply.get("code") != code:
            complain("%s: %s, must be %s" % (what, reply, code))
        return reply

    def noticed(self, code, seconds=10):
        """A notice of this code since the last command."""
        return self.until("notice %s" % code,
                          lambda: [n for n in self.notices[self.seen:] if n["code"] == code],
                          seconds)

    def state(self, name, *states, seconds=20, **more):
        """Wait until the slot is in one of the states, and its fields are as said."""
        return self.until("slot %s in %s %s" % (name, states, more or ""), lambda: (
            self.slot[name].get("state", "unknown") in states and
            all(self.slot[name].get(k) == v for k, v in more.items()) and self.slot[name]),
            seconds)

    def kill(self):
        os.kill(self.p.pid, signal.SIGKILL)
        self.p.wait()

    def close(self):
        self.p.stdin.close()
        self.p.wait()


def ctl(*args):
    """A command to the virtual boards."""
    r = subprocess.run([os.environ["IN_WORLD"], BUILD + "/vboard", "ctl"] + list(args),
                       capture_output=True, text=True)
    if r.returncode:
        complain("vboard ctl %s: %s" % (args, r.stderr))


def serve(conf, *args, err=None):
    """`station serve` in the world of the virtual boards; ready when it listens."""
    p = subprocess.Popen([os.environ["IN_WORLD"], BUILD + "/station", "--conf", conf, "serve"]
                         + list(args), stderr=err)
    sock = os.path.join(os.path.dirname(conf), "var", "station.sock")
    end = time.monotonic() + 20
    while time.monotonic() < end and p.poll() is None:
        r = subprocess.run([BUILD + "/station", "--conf", conf, "talk"], stdin=subprocess.DEVNULL,
                           capture_output=True)
        if r.returncode == 0 and os.path.exists(sock):
            return p
        time.sleep(0.05)
    complain("station serve does not come up: %s" % p.poll())
    return p


def records(conf):
    """Every run of the record, as exported."""
    r = subprocess.run([BUILD + "/station", "--conf", conf, "export"], capture_output=True)
    return [json.loads(line) for line in r.stdout.splitlines()]


def finish(summary):
    if not bad:
        print(summary)
    sys.exit(1 if bad else 0)
