#ifndef STATION_BASE_ERR_H
#define STATION_BASE_ERR_H

/*
 * err -- how every module reports failure, and who is to blame for it.
 *
 * A function that can fail returns int: 0 on success, a negative enum err_code
 * on failure, and takes `struct err *err` as its last parameter. The struct is
 * written only on failure, so calls chain with `||` and success costs nothing.
 *
 * Library code fills in err and returns. Only ui/ and cli/ print.
 */

/* clang-format off */

/* Who is at fault decides the verdict: name, word in records, verdict. */
#define BLAME_LIST(X)                                                   \
	X(NONE,     "-",        NONE)                                   \
	X(UNIT,     "unit",     FAIL)                                   \
	X(STATION,  "station",  ERROR)                                  \
	X(PLAN,     "plan",     ERROR)                                  \
	X(OPERATOR, "operator", ABORT)                                  \
	X(OPEN,     "open",     ERROR) /* evidence does not decide: hold, try another slot */

/* Records keep the name of a code, never its number. New rows go at the end,
 * and a name that has been shipped keeps its meaning.
 * code, blame, what it means, what to do about it */
#define ERR_LIST(X)                                                                              \
	X(ERR_PLAN,      PLAN,     "plan is wrong",                                              \
	  "run station check on the plan")                                                       \
	X(ERR_USAGE,     PLAN,     "command is wrong",                                           \
	  "see station help")                                                                    \
	X(ERR_FILE,      STATION,  "file cannot be read or written",                             \
	  "check the path, the rights and the free space")                                       \
	X(ERR_CONF,      STATION,  "station or fixture is set up wrongly",                       \
	  "run station check on station.conf and the fixture file")                              \
	X(ERR_FIXTURE,   STATION,  "fixture not ready",                                          \
	  "check that the slot's USB cable and interface are the ones in the fixture file")      \
	X(ERR_GONE,      STATION,  "USB device was unplugged",                                   \
	  "check cable and hub of the slot, then test the unit again")                           \
	X(ERR_BUSY,      STATION,  "device or port is in use by another program",                \
	  "end the other program, or give the slot another port")                                \
	X(ERR_ACCESS,    STATION,  "no permission",                                              \
	  "install the udev rule and join its group, or correct the rights")                     \
	X(ERR_IO,        STATION,  "input or output failed",                                     \
	  "check cable, hub and disk")                                                           \
	X(ERR_STORE,     STATION,  "record not saved",                                           \
	  "free space on the disk or correct its rights; the unit has no verdict")               \
	X(ERR_TIMEOUT,   UNIT,     "unit did not answer in time",                                \
	  "check the unit and its contact to the fixture")                                       \
	X(ERR_PROTO,     UNIT,     "unit answered with something else",                          \
	  "read what the unit said in the report")                                               \
	X(ERR_WORKER,    STATION,  "worker process crashed or ended by itself",                  \
	  "report it with the log; the unit was not judged")                                     \
	X(ERR_DEADLINE,  STATION,  "step overran its timeout and was ended",                     \
	  "give the step a longer timeout, or find what hangs")                                  \
	X(ERR_STOPPED,   OPERATOR, "operator stopped the run",                                   \
	  "test the unit again")                                                                 \
	X(ERR_NOBODY,    STATION,  "a question was asked and nobody can answer it",              \
	  "run the plan where an operator sits, or without the prompt step")                     \
	X(ERR_UNANSWERED, OPERATOR, "a question was not answered in time",                       \
	  "test the unit again and answer the question")                                         \
	X(ERR_LINE,      STATION,  "characters were lost or damaged on the serial line",         \
	  "check the wiring, the baud rate and flow control of the channel")                     \
	X(ERR_PEER,      STATION,  "throughput peer could not measure",                          \
	  "check the network between the station and the slot")                                  \
	X(ERR_UNSET,     STATION,  "a limit judges a measurement that was not taken",            \
	  "report it; the unit was not judged")                                                  \
	X(ERR_INTERNAL,  STATION,  "station program is wrong",                                   \
	  "report it with the log")                                                              \
	X(ERR_LIMIT,     UNIT,     "a measurement is outside its limit",                         \
	  "see the measurement in the report")                                                   \
	X(ERR_COSTLY,    PLAN,     "a pattern costs too much to match",                          \
	  "write the pattern without nested repetitions")                                        \
	X(ERR_LACKS,     PLAN,     "board or fixture does not offer what a step asks for",       \
	  "run station check; use another board profile, fixture or step")                       \
	X(ERR_REFUSED,   UNIT,     "unit refused or reported a failure of its own",              \
	  "read what the unit said in the report")                                               \
	X(ERR_NEWER,     STATION,  "record is of a newer program version",                       \
	  "use the newer station program, or another data folder")                               \
	X(ERR_CORRUPT,   STATION,  "record is damaged or was changed",                           \
	  "run station verify; keep the file and tell QA") \
	X(ERR_PEER_REFUSED, STATION, "throughput peer refused the connection",                   \
	  "check the network between the station and the slot, and what listens at the address") \
	X(ERR_PEER_BUSY, STATION,  "throughput peer is busy with another measurement",           \
	  "give each slot a port of its own, or let the step use a resource")                    \
	X(ERR_PEER_SILENT, STATION, "throughput peer stopped answering",                         \
	  "check the network between the station and the slot")                                  \
	X(ERR_PEER_RESULT, STATION, "throughput result cannot be used",                          \
	  "read the message; compare the iperf3 versions of both ends")                          \
	X(ERR_IMAGES,    PLAN,     "images or board configuration of the plan are wrong",        \
	  "compare the folder that the plan names with the image set of the release")            \
	X(ERR_FINAL,     PLAN,     "unit is finalised already and locks what the step needs",    \
	  "run this step before the one that finalises the unit")                                \
	X(ERR_RECOVERY_LINK, STATION, "recovery link does not work",                             \
	  "check the recovery connector and the interface board of the slot")                    \
	X(ERR_STRAP,     STATION,  "RECOVERY or RESET line does not do what it should",          \
	  "check the RESET and RECOVERY lines between interface and board")                      \
	X(ERR_EXCHANGED, STATION,  "another board answers than the one of this slot",            \
	  "look for crossed cables, or a board that was exchanged during the run")               \
	X(ERR_TRUST,     STATION,  "certificate of the board does not fit the trust anchor",     \
	  "check 'trust' of the board profile; never switch verification off")                   \
	X(ERR_SILENT,    OPEN,     "board is silent and nothing shows why",                      \
	  "check power and seating; hold the unit and try it in another slot")                   \
	X(ERR_FLASH,     UNIT,     "unit could not erase or write its flash",                    \
	  "send the unit to repair")                                                             \
	X(ERR_NOT_BACK,  UNIT,     "unit did not come back after a recovery or restart",         \
	  "send the unit to repair")                                                             \
	X(ERR_UNDECIDED, OPEN,     "board reports a failure that may be its own or its link's",  \
	  "hold the unit and try it in another slot")                                            \
	X(ERR_LIBRARY,   STATION,  "a library that the station loads is not installed",          \
	  "install the package that the message names")                      \
	X(ERR_ALIKE,     STATION,  "several slots failed alike at once",                         \
	  "look at what they share (fixture, peer, server, image folder), then test the units again") \
	X(ERR_LATE,      STATION,  "station itself was late, so a deadline that passed says nothing", \
	  "give the PC of the station less to do, then test the unit again")                     \
	X(ERR_RECORDING, PLAN,     "recording cannot be played",                                 \
	  "correct the line that the message names, or record anew with this plan: station run --record FILE")

/* 0 is no verdict, so that nothing passes by being forgotten. */
#define VERDICT_LIST(X)                                                 \
	X(NONE)                                                         \
	X(PASS)                                                         \
	X(FAIL)                                                         \
	X(ERROR)                                                        \
	X(SKIP)                                                         \
	X(ABORT)                                                        \
	X(ABORTED)     /* of a run; ABORT is of a step */               \
	X(INTERRUPTED) /* of a run that its process did not close */

enum verdict {
#define VERDICT_ENUM(name) VERDICT_##name,
	VERDICT_LIST(VERDICT_ENUM)
#undef VERDICT_ENUM
	VERDICT_END_
};

enum err_blame {
#define BLAME_ENUM(name, word, verdict) BLAME_##name,
	BLAME_LIST(BLAME_ENUM)
#undef BLAME_ENUM
	BLAME_END_
};

enum err_code {
	ERR_OK = 0,
	ERR_FIRST_ = -100, /* codes count up from here and stay negative */
#define ERR_ENUM(name, blame, text, todo) name,
	ERR_LIST(ERR_ENUM)
#undef ERR_ENUM
	ERR_END_
};

/* clang-format on */

struct err { /* ready when zeroed */
	enum err_code code;
	char text[400]; /* one line, no final stop, outermost context first */
};

/* Record a failure. Returns code, so `return err_set(...)` reads naturally. */
int err_set(struct err *err, enum err_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Put "context: " in front of what is already there. Returns err->code. */
int err_wrap(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Marks a sentence, or a part of one, that people read and that no call above makes: the screen's
 * catalogue has a row for it (station/ui/said.h). */
#define SAID(text) text

const char *err_name(enum err_code code);         /* "ERR_TIMEOUT" */
const char *err_what(enum err_code code);         /* "unit did not answer in time" */
const char *err_todo(enum err_code code);         /* what a person can do about it */
enum err_code err_find(const char *name);         /* ERR_INTERNAL: no such name */
enum err_blame err_blame(enum err_code code);     /* unknown codes: the station; ERR_OK: none */
enum verdict err_verdict(enum err_code code);     /* NONE for ERR_OK */
const char *err_blame_word(enum err_blame blame); /* "unit"; "-" for none */
const char *verdict_word(enum verdict v);         /* "PASS" */

/* The enums of these words; VERDICT_NONE and BLAME_STATION for any other word. */
enum verdict verdict_find(const char *word);
enum err_blame err_blame_find(const char *word);

#endif /* STATION_BASE_ERR_H */
