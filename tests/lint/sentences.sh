#!/bin/sh
# sentences.sh --pot: every sentence of the station that somebody at the line can read, as
# entries of a catalogue (language.sh). Without --pot it finds nothing wrong.
[ "$1" = --pot ] || exit 0
look() {
	xgettext --from-code=UTF-8 --keyword --language=C --no-location --no-wrap -o - "$@" |
		awk -f tests/lint/sentences.awk
}
look -kX:3 station/base/err.h
look -kX:4 station/base/err.h
look -kX:5 station/floor/model.h
look -kerr_set:3 -kerr_wrap:2 -kpolicy_refuse:4 -kdesk_say:5 -kdesk_out:4 -krefuse:4 -kno:3 \
	-kgive_up:2 -kbad:4 -kSAID station/engine/*.c station/floor/*.c station/link/*.c station/board/*.c \
	station/step/*.c station/store/*.c station/station.c reports/facts.c
