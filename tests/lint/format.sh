#!/bin/sh
# Sources are as `make format` leaves them.
find station reports fixtures tests -name '*.[ch]' 2>/dev/null | xargs clang-format --dry-run -Werror
