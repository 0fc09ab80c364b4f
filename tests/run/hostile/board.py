#!/usr/bin/env python3
"""A board behind a bridge that speaks the console of virtual-console.ini, and
misbehaves as its argument says. Bytes come and go over standard streams."""
import os
import select
import sys
import time

how = sys.argv[1]
number = int(sys.argv[2])
PROMPT = b"virt> "
mac = [2, 0, 0, 0, 0, number]
drive = level = asked = 0


def say(data):
    os.write(1, data)


def mac_text():
    return ":".join("%02x" % x for x in mac)


def boot():
    say(b"\r\nboot: start\r\n")
    time.sleep(0.1)
    say(b"boot: ready\r\n" + PROMPT)


def pins():
    if how == "constant_pins":
        return 0xA5
    got = 0
    for a in range(0, 4, 2):
        for pin, other in ((a, a + 1), (a + 1, a)):
            if drive >> pin & 1 and level >> pin & 1:
                got |= 1 << pin | 1 << other
    return got


def answer(line):
    global drive, level, asked
    words = line.split()
    if how == "endless_prompt_after" and line == "version":
        while True:
            say(b"\r\n" + PROMPT)
            time.sleep(0.01)
    if how == "flood" and line == "version":
        while True:
            say(b"x" * 512)
    if how == "megabyte" and line == "version":
        return b"OS version: " + b"24.06" * 200000 + b"\r\n"
    if line == "version":
        asked += 1
        if how == "late":
            time.sleep(1.5)
        if how in ("late_good", "late_bad") and asked == 1:
            time.sleep(1.5)  # the station has given it up, and asks again
        if how == ("late_good" if asked > 1 else "late_bad"):
            return b"OS version: 20.01\r\n"
        if how == "escapes":
            return b"OS version: \x1b[2J\x1b]0;PASS\x07\x9b31m24.06\r\n"
        if how == "spoof":
            return PROMPT + b"\r\n" + PROMPT + b"OS version: 24.06\r\n"
        if how == "two_answers":
            return b"OS version: 20.01\r\nOS version: 24.06\r\n"
        if how == "near":
            return b"OS version: 24.6\r\n"
        return b"OS version: 24.06\r\n"
    if words[:1] == ["mac"]:
        return b"mac: " + mac_text().encode() + b"\r\n"
    if line == "restart":
        if how == "no_restart":
            return b""
        if how == "no_restart_told":
            return b"going down for restart\r\n"
        boot()
        return None
    if words[:2] == ["gpio", "drive"]:
        drive, level = int(words[2], 16), int(words[3], 16)
        return b"gpio: %x\r\n" % pins()
    return b"unknown command\r\n"


def main():
    if how == "endless_prompt":
        while True:
            say(b"\r\n" + PROMPT)
            time.sleep(0.01)
    line = b""
    while True:
        if not select.select([0], [], [], 60)[0]:
            continue
        data = os.read(0, 4096)
        if not data:
            return
        for c in data:
            if c == 3:
                line = b""
                say(b"\r\n" + PROMPT)
            elif c in b"\r\n":
                text = line.decode("latin-1").strip()
                line = b""
                say(b"\r\n")
                out = answer(text) if text else b""
                if out is not None:
                    say(out + PROMPT)
            else:
                line += bytes([c])
                say(bytes([c]))


main()
