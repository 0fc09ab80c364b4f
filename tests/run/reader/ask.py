#!/usr/bin/env python3
"""Runs a command on a terminal of its own and answers its questions: each
argument before `--` is SECONDS:TEXT, typed so long after the question before."""
import os
import pty
import select
import sys
import time

at = sys.argv.index("--")
answers = [a.split(":", 1) for a in sys.argv[1:at]]
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[at + 1], sys.argv[at + 1:])
seen = b""
asked = 0
end = time.monotonic() + 20
while time.monotonic() < end:
    if select.select([fd], [], [], 0.1)[0]:
        try:
            data = os.read(fd, 4096)
        except OSError:
            break
        if not data:
            break
        seen += data
    if seen.count(b" asks: ") > asked and answers:
        asked += 1
        seconds, text = answers.pop(0)
        time.sleep(float(seconds))
        os.write(fd, text.encode() + b"\n")
sys.stdout.buffer.write(seen)
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
sys.exit(status if status >= 0 else 128 - status)
