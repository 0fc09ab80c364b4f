#!/bin/sh
# doc.sh [--write] -- the tables of plans/README.md are those of the program.
exec ${BUILD:-build}/tools/doc "$@" plans/README.md
