#ifndef STATION_FLOOR_CODES_H
#define STATION_FLOOR_CODES_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/sbuf.h"
#include "link/fixture.h"

/*
 * codes -- what else a scanner may give than the label of a unit: a badge, a slot,
 * a disposition, a command. Each begins with a text that no serial has (`codes` of
 * [scanner]; preset "STATION."; our choice), a badge with `badge` of [operators]
 * ("BADGE."); a slot has the barcode of the fixture file, or else STATION.SLOT.NAME.
 *
 * No code starts or stops a run, and none confirms anything.
 */
/* clang-format off */
#define CODES_LIST(X)                                                            \
	X(REWORK,    DISPOSITION, "rework", "the unit goes to rework; its attempts are counted anew") \
	X(SCRAP,     DISPOSITION, "scrap",  "the unit is scrapped and never tested again") \
	X(NTF,       DISPOSITION, "ntf",    "no trouble found; its attempts are counted anew") \
	X(FORGET,    COMMAND,     "forget", "drop the scan or question that waits")      \
	X(LOGOUT,    COMMAND,     "logout", "log out")                                   \
	X(CHOICE_1,  CHOICE,      "1",      "first answer of a question")                \
	X(CHOICE_2,  CHOICE,      "2",      "second answer of a question")               \
	X(CHOICE_3,  CHOICE,      "3",      "third answer of a question")                \
	X(CHOICE_4,  CHOICE,      "4",      "fourth answer of a question")               \
	X(CHOICE_5,  CHOICE,      "5",      "fifth answer of a question")                \
	X(CHOICE_6,  CHOICE,      "6",      "sixth answer of a question")                \
	X(CHOICE_7,  CHOICE,      "7",      "seventh answer of a question")              \
	X(CHOICE_8,  CHOICE,      "8",      "eighth answer of a question")               \
	X(CHOICE_9,  CHOICE,      "9",      "ninth answer of a question")
/* clang-format on */

enum code_kind {
	CODE_LABEL, /* none of the below: of a unit */
	CODE_BADGE,
	CODE_SLOT,        /* arg: name of the slot */
	CODE_DISPOSITION, /* arg: "rework", "scrap", "ntf" */
	CODE_COMMAND,     /* arg: "forget", "logout" */
	CODE_CHOICE,      /* arg: "1" .. "9", as F1 to F9 */
	CODE_UNKNOWN,     /* begins as our own, and is none of them: refuse it */
};

struct codes_rules {
	const char *codes, *badge; /* the beginnings */
};

/* What n bytes are, prefix and suffix taken off already. *arg is lent by the table, the
 * fixture or bytes (badge: all of it); NULL without. fixture may be NULL. */
enum code_kind codes_read(const char **arg, const struct codes_rules *rules,
			  const struct fixture *fixture, const char *bytes, size_t n);

/* --- printing --- */
struct codes_print {
	const char *title; /* of the sheet */
	struct codes_item {
		const char *group, *text, *help; /* text is what the scanner gives */
	} * item;
	size_t items;
};

/* What a station's sheet holds: dispositions, commands, choices, the slots of the fixture. */
void codes_sheet(struct codes_print *out, struct arena *a, const struct codes_rules *rules,
		 const struct fixture *fixture, const char *station);

/* The sheet, each code as Code 128 and as Data Matrix. ERR_USAGE: a text that no code can
 * hold. svg: one tall page; pdf: pages of A4. */
int codes_svg(struct sbuf *out, const struct codes_print *p, struct err *err);
int codes_pdf(struct sbuf *out, const struct codes_print *p, struct err *err);

#endif /* STATION_FLOOR_CODES_H */
