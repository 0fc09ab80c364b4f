#ifndef STATION_BOARD_BOARD_H
#define STATION_BOARD_BOARD_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/finding.h"
#include "base/match.h"
#include "base/param.h"
#include "base/sbuf.h"
#include "link/fixture.h"
#include "link/link.h"
#include "link/pins.h"

/*
 * board -- drivers of board families. A step asks a board for an operation and
 * does not know the family, so one step kind works on each family that has it.
 *
 * Adding a family `foo` takes three things, and `make lint` says which one is
 * missing:
 *   1. station/board/board_foo.c  a const struct board_driver board_foo
 *   2. station/board/board.def    one line
 *   3. tests/unit/test_board_foo.c, run on memory links
 *
 * A board profile (fixtures/boards/NAME.ini) names a family and sets its
 * parameters; a family without parameters is its own profile.
 *
 * Each operation has one bit. A step says in its row which ones it asks for; a
 * board says with board_offers() which ones it has. The plan linter compares
 * the two, so a missing operation is found before any board is plugged in.
 */

/* clang-format off */
#define BOARD_OP_LIST(X)                                                 \
	X(OS_VERSION, os_version, "read the version of the OS")          \
	X(DEVICE_ID,  device_id,  "read the device's own identity")      \
	X(RESTART,    restart,    "restart and wait until it is ready")  \
	X(RECOVER,    recover,    "reflash and wait until it is ready")  \
	X(MAC,        mac,        "read a MAC address")                  \
	X(GPIO,       gpio,       "drive and read pins")                 \
	X(SERVE,      serve,      "run an iperf3 server")                \
	X(MEASURE,    measure,    "run an iperf3 client")                \
	X(ASK,        ask,        "type a line and read the answer")     \
	X(PROVISION,  provision,  "load again what a recovery erases")   \
	X(INVENTORY,  inventory,  "list what is installed and set up")   \
	X(STATE,      state,      "tell how far it is finalised")        \
	X(FINALISE,   finalise,   "finalise it for good")                \
	X(JOIN,       join,       "join a wireless network, and forget it again")
enum board_op_index {
#define OP_INDEX(op, member, what) BOARD_##op##_INDEX,
	BOARD_OP_LIST(OP_INDEX)
#undef OP_INDEX
	BOARD_OP_COUNT
};
enum board_op {
#define OP_BIT(op, member, what) BOARD_##op = 1 << BOARD_##op##_INDEX,
	BOARD_OP_LIST(OP_BIT)
#undef OP_BIT
};

/* Channels that a fixture wires to a board. */
#define BOARD_ROLE_LIST(X) X(CONSOLE, console) X(SERVICE, service) X(RECOVERY, recovery) X(DEBUG, debug)
enum board_role {
#define ROLE_ENUM(role, name) ROLE_##role,
	BOARD_ROLE_LIST(ROLE_ENUM)
#undef ROLE_ENUM
	ROLE_END_
};
/* clang-format on */

struct board {
	const struct board_driver *driver;
	const void *profile;             /* what driver->params filled in; borrowed */
	struct link *links[ROLE_END_];   /* NULL where nothing is wired */
	struct pins *pins;               /* NULL in unit tests without */
	const struct fixture_slot *slot; /* NULL in unit tests without */
	void *state;                     /* the driver's own, see open() */
};

/* One throughput measurement, as the board has to start it. */
struct board_traffic {
	const char *host; /* measure(): the station's server, numeric */
	int port;
	int seconds, omit;
	int udp, reverse; /* reverse: the server sends */
	double rate_bps;  /* 0: as fast as it goes */
	double *rtt_ms;   /* measure(): the network's round trip goes here, where it is known */
};

/* A wireless network. */
struct board_network {
	const char *ssid, *psk; /* psk NULL: an open one */
	int online;             /* joined only when the vendor's service is reached through it */
};

/* What a recovery did so far, also when it failed; what a family does not tell
 * stays zero. The texts live in the caller's arena. */
struct board_recovered {
	struct arena *arena; /* the caller's; may be NULL: no files are told */
	size_t images;       /* written */
	int64_t bytes;       /* of them */
	double rate_bps;     /* of the link at the end */
	double wire_s;       /* what the bytes of the link took on the wire, both ways */
	/* Of it, from the board's request for its first image to its "complete". */
	double images_s, images_wire_s;
	int resets;       /* beyond the first one */
	int retries;      /* blocks and messages sent again */
	int bad_frames;   /* messages and characters that came damaged */
	const char *note; /* what a person should know of the link, or NULL */
	/* Every file of the set, and the hash over all: sha256sum's output of the
	 * files in the order of their names, hashed again. */
	struct board_file {
		const char *name, *sha256;
		size_t size;
	} * file;
	size_t files;
	const char *sha256;
};

/* What a board holds, for the check before it is shipped. A list that the board does
 * not show in its state is hidden: it is empty then, and that says nothing. Texts
 * live in the caller's arena, and are the board's own: data. */
struct board_list {
	int hidden;
	const char **item;
	size_t count;
};
struct board_inventory {
	struct arena *arena;            /* the caller's */
	const char *state;              /* as the board names it, "DeviceComplete" */
	struct board_list capabilities; /* "11 appDevelopment"; without what the state brings */
	struct board_list system;       /* components that are no application, by identity */
	struct board_list applications; /* images of applications, by identity */
	struct board_list networks;     /* wireless networks that are set up */
	const char *os;                 /* version by what is installed; NULL: unknown */
	const char *os_why;             /* why it is unknown, or NULL */
	const char *test_server;        /* component that only a factory has, or NULL: none known */
};

/* Every operation runs in the worker, blocks until until_ms at most, returns 0
 * or a negative code, and writes its output only on success. NULL: the family
 * has no such operation. Codes: ERR_TIMEOUT silence of a unit whose link is
 * alive, ERR_PROTO an answer that cannot be understood, ERR_REFUSED the unit
 * says that it failed, ERR_GONE, ERR_LINE, ERR_IO, ERR_COSTLY. */
struct board_ops {
	/* The version as the board tells it, without quotes or spaces around it. */
	int (*os_version)(char *out, size_t size, struct board *b, int64_t until_ms,
			  struct err *err);
	/* An identity that no other board has and that outlives a recovery. */
	int (*device_id)(char *out, size_t size, struct board *b, int64_t until_ms,
			 struct err *err);
	/* Returns when the board is ready for the next operation. */
	int (*restart)(struct board *b, int64_t until_ms, struct err *err);
	/* Write all images of the folder (NULL: the board holds its own), then as
	 * restart(). tell() hears of progress, 0..1, in the worker. */
	int (*recover)(struct board_recovered *out, struct board *b, const char *folder,
		       void (*tell)(void *payload, double done, const char *what), void *payload,
		       int64_t until_ms, struct err *err);
	/* nic as the board names it, "eth0". The text as the board wrote it; the
	 * step takes it apart. */
	int (*mac)(char *out, size_t size, struct board *b, const char *nic, int64_t until_ms,
		   struct err *err);
	/* Drive the pins in `drive` to `level`, let go of the others, then read
	 * all. Bit n is pin n of board_pins(). */
	int (*gpio)(uint64_t *out, struct board *b, uint64_t drive, uint64_t level,
		    int64_t until_ms, struct err *err);
	/* Have an iperf3 server ready for one measurement at traffic->port; it ends
	 * by itself. address: numeric, where the station reaches it. */
	int (*serve)(char *address, size_t size, struct board *b, const struct board_traffic *t,
		     int64_t until_ms, struct err *err);
	/* Run an iperf3 client against the station's server until it is done. */
	int (*measure)(struct board *b, const struct board_traffic *t, int64_t until_ms,
		       struct err *err);
	/* Type send (NULL: nothing) and read until pattern matches (NULL: until the
	 * prompt). The whole answer as bytes in *said, group 1 (or the match) as
	 * from..to of it. */
	int (*ask)(struct sbuf *said, size_t *from, size_t *to, struct board *b, const char *send,
		   const struct match *pattern, int64_t until_ms, struct err *err);
	/* Load what a recovery erases and a product needs (its board configuration), as
	 * the profile names it, and have it in force. Loading it again does no harm. */
	int (*provision)(struct board *b, int64_t until_ms, struct err *err);
	/* out->arena is set. What the board hides is no failure. */
	int (*inventory)(struct board_inventory *out, struct board *b, int64_t until_ms,
			 struct err *err);
	/* How far it is finalised, as the board names it. */
	int (*state)(char *out, size_t size, struct board *b, int64_t until_ms, struct err *err);
	/* Set that state, once, for good. Never repeated: whoever calls reads state()
	 * afterwards, also on failure. */
	int (*finalise)(struct board *b, const char *state, int64_t until_ms, struct err *err);
	/* Join a network, and take it from the board again, whatever came of it. ERR_PLAN:
	 * the key is wrong. */
	int (*join)(struct board *b, const struct board_network *n, int64_t until_ms,
		    struct err *err);
	/* Load on the board what gpio() needs, so that each transaction has its own short
	 * deadline. NULL: nothing to do. */
	int (*equip)(struct board *b, int64_t until_ms, struct err *err);
	/* What the board's own log says, for whoever looks for a fault: called after an
	 * operation that failed while its link was alive. At most max bytes, the end of the
	 * log. NULL: it keeps none, or tells it by its console. */
	int (*log)(struct sbuf *out, struct board *b, size_t max, int64_t until_ms,
		   struct err *err);
	/* Bring a board into the state in which a test may begin: at its prompt,
	 * whatever was before. NULL: nothing to do. */
	int (*ready)(struct board *b, int64_t until_ms, struct err *err);
};

struct board_driver {
	const char *name;           /* [a-z0-9_]+, as in `family = NAME` */
	const char *summary;        /* one line, no final stop */
	const struct param *params; /* keys of a profile's [board] section */
	size_t profile_size;
	/* Reads what else a profile file holds ([command NAME] sections ...);
	 * NULL: nothing. Findings only. */
	void (*read)(void *profile, struct ini *file, struct arena *a, struct findings *f);
	uint32_t roles;             /* bits 1 << enum board_role that the fixture must wire */
	const char *const *signals; /* that the fixture must wire, NULL-ended; NULL: none */
	struct board_ops ops;
	/* Which of its operations a board with this profile has; opens nothing.
	 * NULL: all that ops holds. */
	uint32_t (*offers)(const void *profile);
	/* Names of its pins in the order of the bits of gpio(), at most 64. */
	const struct param_list *(*pins)(const void *profile);
	/* Why `pin` is none to test with: 0 it is one; 1 better not; -1 it must not be.
	 * NULL: all of pins() are. */
	int (*pin_check)(struct sbuf *why, const void *profile, const char *pin);
	/* The pin as a person finds it, "59 (H1.3)". NULL: by its name. */
	const char *(*pin_title)(const void *profile, const char *pin);
	/* Whether a text is a version of this family's OS; one that is none has no order.
	 * NULL: whatever base/version.h takes. */
	int (*version_ok)(const char *text);
	/* The version of the OS that a folder of images puts on a board, where that can be
	 * told from the folder; else NULL. NULL: the family cannot. */
	const char *(*version_of)(struct arena *a, const void *profile, const char *folder);
	/* The port, at the host of the slot's `network`, at which the driver itself listens for
	 * the slot's board; 0: at none. NULL: never. */
	int (*listens)(const void *profile, const struct fixture_slot *s);
	int64_t tcp_window; /* bytes, the largest that its iperf3 client has; 0: any */
	/* The driver's own state for an opened board; both NULL: none. */
	int (*open)(struct board *b, struct err *err);
	void (*close)(struct board *b);
	/* Frees what read() compiled (patterns); what params hold is freed for it.
	 * NULL: nothing. */
	void (*release)(void *profile);
};

/* A profile file, read and linted. */
struct board_profile {
	const char *name, *path, *title; /* path NULL: the family itself */
	const struct board_driver *driver;
	void *profile;
	const char *sha256; /* of the file, or NULL */
};

/* By name: a family without needed parameters, else folder/NAME.ini. Findings
 * go to f. ERR_PLAN: no such board (message lists near names), or errors. */
int board_profile_load(struct board_profile **out, struct arena *a, const char *folder,
		       const char *name, struct findings *f, struct err *err);
/* A profile file by its path, for `station check`. */
int board_profile_load_file(struct board_profile **out, struct arena *a, const char *path,
			    struct findings *f, struct err *err);

/* Frees the patterns of a profile; the rest is its arena's. NULL is fine. */
void board_profile_release(struct board_profile *p);
/* Keys of every profile's [board] section, whatever the family. */
extern const struct param board_profile_params[];

uint32_t board_offers(const struct board_driver *d, const void *profile); /* enum board_op */
const char *board_op_name(enum board_op bit);                             /* "os_version" */
const char *board_op_what(enum board_op bit);
const struct param_list *board_pins(const struct board_driver *d,
				    const void *profile); /* or NULL */
const char *board_role_name(enum board_role role);

/* The first operation that is asked for and not offered, or NULL. */
const char *board_lacks(const struct board_driver *d, const void *profile, uint32_t asks);
/* The first role, or signal, that the family needs and the fixture does not wire, or NULL. */
const char *board_unwired(const struct board_driver *d, const struct fixture *f);
const char *board_unsignalled(const struct board_driver *d, const struct fixture *f);

/* The first slot whose `network` is a place at which the driver itself listens for the board
 * of slot *by (maybe the same one), or NULL. */
const struct fixture_slot *board_port_taken(const struct fixture_slot **by,
					    const struct board_driver *d, const void *profile,
					    const struct fixture *f);

/* Open all links of a slot, in the worker. link_spec replaces the fixture's
 * ("replay:FILE"); wrap is put before every link ("record:FILE", "fault:..."),
 * both may be NULL. Codes as link_open(). */
int board_open(struct board **out, const struct board_profile *p, const struct fixture *f,
	       const struct fixture_slot *s, const char *link_spec, const char *wrap,
	       struct err *err);
/* Releases all pins, all ports back to UART mode. NULL is fine. */
void board_close(struct board *b);

/* Release every output of a slot without talking to the board: what a fresh
 * process does after a worker was killed. */
int board_make_safe(const struct fixture *f, const struct fixture_slot *s, struct err *err);

extern const struct board_driver *const board_table[];
extern const size_t board_table_size;
const struct board_driver *board_find(const char *name); /* NULL: no such family */

#endif /* STATION_BOARD_BOARD_H */
