#ifndef STATION_STORE_STORE_H
#define STATION_STORE_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "engine/run.h"

/*
 * store -- the record: one SQLite file, append-only, chained by SHA-256, one
 * writer. A verdict may be shown only after store_commit() has returned 0.
 *
 * Codes: ERR_STORE (not written; message says what to do), ERR_NEWER (file of
 * a newer program), ERR_CORRUPT, ERR_BUSY (another writer has it), ERR_ACCESS.
 */
struct store;

enum store_mode { STORE_WRITE, STORE_READ };

/* WRITE: creates the file and its folder, migrates an older file, takes the
 * writer's lock, checks the file after an unclean end. station: its id; a new
 * file gets a new installation id. READ: never changes anything. A process that
 * was forked while its parent had the record open to WRITE may open it to READ,
 * but only as long as the parent keeps it open: it has inherited SQLite's notes
 * of the parent's locks, and takes none of its own that the parent's close sees. */
int store_open(struct store **out, const char *path, enum store_mode mode, const char *station,
	       struct err *err);
void store_close(struct store *s); /* NULL is fine */

const char *store_installation(const struct store *s);

/* 0 when the disk has room for another run; ERR_STORE says how much there is.
 * store_begin() asks it too. */
int store_space(const struct store *s, struct err *err);

/* --- a run's life --- */

/* Chain entry "open" and journal header, committed with full sync. Sets
 * r->installation, open_seq, attempt_seen. */
int store_begin(struct store *s, struct unit_run *r, struct err *err);

/* Journal one finished attempt (or a skip: attempt == SIZE_MAX). Survives the
 * death of the process at once and a power loss after store_sync(). */
int store_attempt(struct store *s, const struct unit_run *r, size_t step, size_t attempt,
		  struct err *err);
int store_sync(struct store *s, struct err *err); /* no-op when nothing waits */
int store_unsynced(const struct store *s);

/* The whole run in one transaction with full sync: chain entry "close", body,
 * contents, rows; journal rows go. Sets seq, prev_hash, hash. After a failure
 * the run can be committed again. */
int store_commit(struct store *s, struct unit_run *r, struct err *err);

/* The verdict was on a screen. Nothing happens when it was before. */
int store_shown(struct store *s, const struct unit_run *r, struct err *err);

/* Close every run that is open in the chain and not running now as INTERRUPTED,
 * made from its journal; after store_open(), before the first begin. heard()
 * is told each. Returns how many, or a negative code. */
int store_recover(struct store *s, void (*heard)(void *payload, const struct unit_run *r),
		  void *payload, struct err *err);

/* --- entries after the run: never a change of the run ---
 *
 * What people and programs decided about a unit or the station. Each is a chain entry
 * of its kind, with the same keys, and a row that is made of it. */
/* clang-format off */
#define STORE_NOTE_LIST(X)                                                                     \
	X(GRANT,       "grant")       /* what "attempt": the unit may be run once more */      \
	X(DISPOSITION, "disposition") /* what: a word of STORE_DISPOSITION_LIST */             \
	X(CONFIG,      "config")      /* what: "map", "mode", ...; was and is */               \
	X(HOOK,        "hook")        /* what: "before_unit", ...; is: how it ended, "refused" */
enum store_note_kind {
	STORE_NOTE_NONE,
#define STORE_NOTE_ENUM(name, word) STORE_##name,
	STORE_NOTE_LIST(STORE_NOTE_ENUM)
#undef STORE_NOTE_ENUM
	STORE_NOTE_END_
};
/* A disposition: word, what it means. Each but scrap ends the count of attempts, so that it
 * begins anew; a unit that was scrapped, in whatever process, is never run again. "use_as_is"
 * counts as passed for the processes that come after. */
#define STORE_DISPOSITION_LIST(X)                                                              \
	X(REWORK,    "rework",    "it was or will be repaired")                                \
	X(SCRAP,     "scrap",     "it is waste, for ever")                                     \
	X(NTF,       "ntf",       "no trouble found: the station or the contact was at fault") \
	X(USE_AS_IS, "use_as_is", "it goes on in spite of what was found")
/* clang-format on */

struct store_note {
	enum store_note_kind kind;
	const char *what;
	const char *product, *serial, *process; /* NULL: of no unit (config) */
	const char *run;                        /* UUID of the run that it is about, or NULL */
	const char *slot;                       /* or NULL */
	const char *by, *by_how; /* "1184", "badge engineer"; as struct unit_run has them */
	const char *reason;      /* or NULL */
	const char *was, *is;    /* or NULL */
	/* Set by the store. */
	int64_t seq, at_ms; /* wall clock */
};

/* Written with full sync. Sets seq and at_ms. Text is cleaned and cut at 2 kB. ERR_USAGE: an
 * unknown word, a unit without product, serial or process, a grant or disposition without by;
 * ERR_STORE as store_commit(). */
int store_note(struct store *s, struct store_note *n, struct err *err);

const char *store_note_word(enum store_note_kind k); /* "grant" */
int store_is_disposition(const char *word);

/* Those of a unit (serial, and what else is not NULL), or of all units and the station when
 * serial is NULL, oldest first; at most the last `max`, 0: all. */
int store_notes(struct store_note **out, size_t *n, struct arena *a, struct store *s,
		const char *product, const char *serial, const char *process, size_t max,
		struct err *err);

/* --- asking --- */

/* READ only: all that is asked from here on is answered from one moment's record,
 * so that rows, runs and head agree. Until store_close(); not for store_verify(),
 * which sees one moment by itself. */
int store_freeze(struct store *s, struct err *err);

/* Serial of another unit (other product or serial) whose records hold this
 * identity, "" when there is none. */
int store_identity(char *other, size_t size, struct store *s, const char *kind, const char *value,
		   const char *product, const char *serial, struct err *err);

/* Expected duration of a plan's steps in ms from its own history: medians of
 * the last 20 passed attempts among the last 10,000 entries, of the same product,
 * process, title of the plan, variant, step and kind; -1 where there are none. A new
 * revision goes on with the history of the last. out[steps]. */
int store_expected(int64_t *out, struct store *s, const struct plan *p, struct err *err);

/* The median of a number that the newest STORE_MEASURED runs which measured it took, among the
 * last 10,000 entries, of this product, process, step and kind; *n: how many, 0: none. */
enum { STORE_MEASURED = 20 };
struct store_measured {
	const char *product, *process, *step, *kind, *measure;
};
int store_measured(double *median, int64_t *n, struct store *s, const struct store_measured *m,
		   struct err *err);

struct store_unit {        /* the history of (product, serial, process) */
	int64_t counted;   /* counted runs so far */
	enum verdict last; /* of its last counted run; NONE: none */
	char last_run[37];
	int64_t last_ended_ms;
	int last_shown;
	int second_look;      /* its last production run, counted or not, ended as ERR_ALIKE */
	int64_t used;         /* counted runs since its last disposition */
	int64_t grants;       /* since then */
	char disposition[16]; /* the last one, "rework"; "" : none */
	int64_t disposed_ms;
	int disposed_last;   /* it came after the last counted run */
	int64_t scrapped_ms; /* when the unit was scrapped, in any process of the product; 0: never
			      */
	char scrapped_by[64];
};
int store_unit(struct store_unit *out, struct store *s, const char *product, const char *serial,
	       const char *process, struct err *err);

int64_t store_fixture_cycles(struct store *s, const char *fixture,
			     struct err *err); /* runs so far */

/* One row per closed run, oldest first by open_seq. */
struct store_row {
	int64_t run_id, open_seq, seq; /* run_id is seq, of the close entry */
	char run[37];
	const char *product, *serial, *process, *station, *slot, *variant, *operator;
	const char *plan_revision, *plan_sha256, *first_fail;
	enum verdict verdict;
	enum err_blame blame;
	enum run_mode mode;
	int counts, retried, had_fail; /* had_fail: some step attempt ended FAIL */
	int64_t started_ms, ended_ms, duration_ms;
	int64_t attempt; /* 1, 2 ... over the unit's runs that count by the default policy, in
			  * the order of their starts; 0: this one does not. counts is what
			  * the run itself says */
};
struct store_filter {                                 /* NULL or 0: any */
	const char *product, *serial, *process, *run; /* run: UUID or a unique beginning of it */
	int64_t since_ms, until_ms;
};
int store_rows(struct store_row **out, size_t *n, struct arena *a, struct store *s,
	       const struct store_filter *filter, struct err *err);

/* The runs after run_id `after` that started at or after since_ms, newest first, in few
 * columns: what a running tally of a shift needs. Reading ends behind a hundred runs
 * in a row that started more than a day before since_ms, so that the cost is that of the shift. */
struct store_tick {
	int64_t run_id, unit; /* unit: a number for each (product, serial, process) */
	int64_t started_ms, ended_ms, attempt;
	enum verdict verdict;
	const char *first_fail; /* or NULL; lent for the call */
};
int store_ticks(struct store *s, int64_t after, int64_t since_ms,
		void (*hear)(void *payload, const struct store_tick *t), void *payload,
		struct err *err);

/* Units whose serial holds the text, newest run first, at most max. */
struct store_found {
	const char *serial, *product, *process;
	char run[37]; /* the last one */
	int64_t runs, started_ms;
	enum verdict verdict;
};
int store_find(struct store_found **out, size_t *n, struct arena *a, struct store *s,
	       const char *text, size_t max, struct err *err);

/* Runs among the last STORE_UNSEEN_AMONG entries of which no screen has shown the verdict,
 * oldest first, the newest max of them; those that the same unit has left behind do not count. */
enum { STORE_UNSEEN_AMONG = 10000 };
int store_unseen(char (*run)[37], size_t *n, size_t max, struct store *s, struct err *err);

/* A run from its body, with its place in the chain. run: UUID or a unique
 * beginning of at least 4 characters. ERR_USAGE: none, or several. */
int store_load(struct unit_run *out, struct store *s, const char *run, struct err *err);

/* Content by hash (plan text, definition set), or ERR_CORRUPT. */
int store_content(char **out, size_t *len, struct arena *a, struct store *s, const char *sha256,
		  struct err *err);

struct store_head {
	int64_t seq, opened, closed, open_now;
	char hash[65];
	const char *station, *installation;
};
int store_head(struct store_head *out, struct store *s, struct err *err);

/* --- proof --- */
struct store_verify {
	int64_t entries, runs, contents, open_runs;
	int64_t first_bad; /* sequence, 0: none */
	int64_t gaps;
	char head[65];
	struct arena arena;
	const char **problem; /* each one line, first found first, at most 100 */
	size_t problems;
};
/* Links and digests recomputed; contents hashed; tables re-derived from bodies
 * and compared; opens without close listed. 0 also with problems; negative
 * only when the file cannot be read at all. */
int store_verify(struct store_verify *out, struct store *s, struct err *err);
void store_verify_release(struct store_verify *v);

#endif /* STATION_STORE_STORE_H */
