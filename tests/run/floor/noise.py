"""noise.py FILE -- a PNG of 1000 x 700 pixels that nothing makes smaller: 2.1 MB."""
import os
import struct
import sys
import zlib


def part(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


rows = b"".join(b"\0" + os.urandom(3000) for _ in range(700))
with open(sys.argv[1], "wb") as f:
    f.write(b"\x89PNG\r\n\x1a\n" + part(b"IHDR", struct.pack(">IIBBBBB", 1000, 700, 8, 2, 0, 0, 0)) +
            part(b"IDAT", zlib.compress(rows, 1)) + part(b"IEND", b""))
