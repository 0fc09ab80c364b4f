-- The record, version 1. ARCHITECTURE.md says why; store.h says what for.
--
-- origin, chain, body and content are the record itself: they are only ever
-- added to. The tables below "derived" are made from the bodies in the same
-- transaction and can be made again from nothing (station verify does). The
-- journal holds runs that are going on now.

CREATE TABLE origin(
	only INTEGER PRIMARY KEY CHECK(only = 1),
	station TEXT NOT NULL,
	installation TEXT NOT NULL
) STRICT;

CREATE TABLE chain(
	seq INTEGER PRIMARY KEY,
	utc_ms INTEGER NOT NULL,
	kind TEXT NOT NULL,
	len INTEGER NOT NULL,
	digest BLOB NOT NULL CHECK(length(digest) = 32),
	hash BLOB NOT NULL CHECK(length(hash) = 32)
) STRICT;

-- Apart from the links, so that these stay narrow and can be checked alone.
CREATE TABLE body(
	seq INTEGER PRIMARY KEY REFERENCES chain(seq),
	bytes BLOB NOT NULL
) STRICT;

-- Plan texts and definition sets, once per hash.
CREATE TABLE content(
	content_id INTEGER PRIMARY KEY,
	sha256 BLOB NOT NULL UNIQUE CHECK(length(sha256) = 32),
	kind TEXT NOT NULL,
	bytes BLOB NOT NULL
) STRICT;

-- derived

CREATE TABLE name(name_id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;

CREATE TABLE unit(
	unit_id INTEGER PRIMARY KEY,
	product INTEGER NOT NULL REFERENCES name,
	serial TEXT NOT NULL,
	process INTEGER NOT NULL REFERENCES name,
	UNIQUE(serial, product, process)
) STRICT;

CREATE TABLE plan(
	plan_id INTEGER PRIMARY KEY,
	sha256 TEXT NOT NULL,
	revision TEXT NOT NULL,
	title TEXT NOT NULL,
	UNIQUE(sha256, revision, title)
) STRICT;

-- A measurement with its limits in one definition set. A changed limit is a new row.
CREATE TABLE def(
	def_id INTEGER PRIMARY KEY,
	set_sha256 TEXT NOT NULL,
	step INTEGER NOT NULL REFERENCES name,
	measure INTEGER NOT NULL REFERENCES name,
	type INTEGER NOT NULL,
	unit TEXT,
	op INTEGER NOT NULL,
	lo REAL, hi REAL, warn_lo REAL, warn_hi REAL,
	expected TEXT
) STRICT;
CREATE INDEX def_find ON def(set_sha256, step, measure);

-- run_id is the sequence of the run's close entry. counts is the record's own
-- word; attempt is 1, 2, 3 ... over the runs of the unit that count by the
-- default policy, in the order of open_seq, and 0 for the others. Each index is
-- a page more to write in each commit; these two are what one unit asks for.
CREATE TABLE run(
	run_id INTEGER PRIMARY KEY,
	open_seq INTEGER NOT NULL,
	uuid BLOB NOT NULL UNIQUE CHECK(length(uuid) = 16),
	unit_id INTEGER NOT NULL REFERENCES unit,
	attempt INTEGER NOT NULL,
	plan_id INTEGER NOT NULL REFERENCES plan,
	station INTEGER NOT NULL REFERENCES name,
	slot INTEGER NOT NULL REFERENCES name,
	variant INTEGER NOT NULL REFERENCES name,
	operator INTEGER NOT NULL REFERENCES name,
	started_ms INTEGER NOT NULL,
	ended_ms INTEGER NOT NULL,
	duration_ms INTEGER NOT NULL,
	verdict INTEGER NOT NULL CHECK(verdict > 0),
	blame INTEGER NOT NULL,
	mode INTEGER NOT NULL,
	counts INTEGER NOT NULL,
	retried INTEGER NOT NULL,
	marginal INTEGER NOT NULL,
	had_fail INTEGER NOT NULL,
	first_fail INTEGER REFERENCES name
) STRICT;
CREATE INDEX run_unit ON run(unit_id, open_seq);

-- Numbers, and yes/no as 1 and 0; texts stand in the body only.
CREATE TABLE meas(
	run_id INTEGER NOT NULL REFERENCES run,
	def_id INTEGER NOT NULL REFERENCES def,
	attempt INTEGER NOT NULL,
	nth INTEGER NOT NULL,
	value REAL CHECK(value BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308),
	result INTEGER NOT NULL,
	PRIMARY KEY(run_id, def_id, attempt, nth)
) STRICT, WITHOUT ROWID;

CREATE TABLE step(
	step_id INTEGER PRIMARY KEY,
	product INTEGER NOT NULL REFERENCES name,
	process INTEGER NOT NULL REFERENCES name,
	id INTEGER NOT NULL REFERENCES name,
	kind INTEGER NOT NULL REFERENCES name,
	UNIQUE(product, process, id, kind)
) STRICT;

CREATE TABLE attempt(
	run_id INTEGER NOT NULL REFERENCES run,
	place INTEGER NOT NULL,
	attempt INTEGER NOT NULL,
	step_id INTEGER NOT NULL REFERENCES step,
	verdict INTEGER NOT NULL,
	duration_ms INTEGER NOT NULL,
	PRIMARY KEY(run_id, place, attempt)
) STRICT, WITHOUT ROWID;

-- What a unit was seen to be: kind "mac", value "00:11:22:aa:bb:cc".
CREATE TABLE identity(
	kind TEXT NOT NULL,
	value TEXT NOT NULL,
	unit_id INTEGER NOT NULL REFERENCES unit,
	run_id INTEGER NOT NULL REFERENCES run,
	PRIMARY KEY(kind, value, unit_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE shown(run_id INTEGER PRIMARY KEY REFERENCES run, seq INTEGER NOT NULL) STRICT;

CREATE TABLE fixture(fixture INTEGER PRIMARY KEY REFERENCES name, cycles INTEGER NOT NULL) STRICT;

-- journal

CREATE TABLE journal(
	open_seq INTEGER PRIMARY KEY,
	uuid BLOB NOT NULL,
	head BLOB NOT NULL
) STRICT;

CREATE TABLE journal_attempt(
	open_seq INTEGER NOT NULL REFERENCES journal,
	step INTEGER NOT NULL,
	attempt INTEGER NOT NULL,
	bytes BLOB NOT NULL,
	PRIMARY KEY(open_seq, step, attempt)
) STRICT, WITHOUT ROWID;

-- Accidents end here; intent is found by the chain. The insert trigger also
-- closes INSERT OR REPLACE, which fires no delete trigger by itself.

CREATE TRIGGER chain_next BEFORE INSERT ON chain
WHEN NEW.seq IS NOT (SELECT ifnull(max(seq), 0) + 1 FROM chain)
BEGIN SELECT RAISE(ABORT, 'chain: not the next sequence'); END;
CREATE TRIGGER body_next BEFORE INSERT ON body
WHEN NEW.seq IS NOT (SELECT max(seq) FROM chain)
  OR NEW.seq IS NOT (SELECT ifnull(max(seq), 0) + 1 FROM body)
BEGIN SELECT RAISE(ABORT, 'body: not of the last entry'); END;
CREATE TRIGGER content_new BEFORE INSERT ON content
WHEN EXISTS (SELECT 1 FROM content WHERE sha256 = NEW.sha256 OR content_id = NEW.content_id)
BEGIN SELECT RAISE(ABORT, 'content: is there already'); END;
CREATE TRIGGER origin_once BEFORE INSERT ON origin
WHEN EXISTS (SELECT 1 FROM origin)
BEGIN SELECT RAISE(ABORT, 'origin: is there already'); END;

CREATE TRIGGER origin_update BEFORE UPDATE ON origin
BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
CREATE TRIGGER origin_delete BEFORE DELETE ON origin
BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
CREATE TRIGGER chain_update BEFORE UPDATE ON chain
BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
CREATE TRIGGER chain_delete BEFORE DELETE ON chain
BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
CREATE TRIGGER body_update BEFORE UPDATE ON body
BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
CREATE TRIGGER body_delete BEFORE DELETE ON body
BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
CREATE TRIGGER content_update BEFORE UPDATE ON content
BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
CREATE TRIGGER content_delete BEFORE DELETE ON content
BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;

-- Of a run only its attempt number may change, when an earlier run closes later.
CREATE TRIGGER run_update BEFORE UPDATE OF run_id, open_seq, uuid, unit_id, plan_id, station, slot,
	variant, operator, started_ms, ended_ms, duration_ms, verdict, blame, mode, counts, retried,
	marginal, had_fail, first_fail ON run
BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
CREATE TRIGGER run_delete BEFORE DELETE ON run
BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
CREATE TRIGGER meas_update BEFORE UPDATE ON meas
BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
CREATE TRIGGER meas_delete BEFORE DELETE ON meas
BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
CREATE TRIGGER def_update BEFORE UPDATE ON def
BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
CREATE TRIGGER def_delete BEFORE DELETE ON def
BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
CREATE TRIGGER shown_update BEFORE UPDATE ON shown
BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
CREATE TRIGGER shown_delete BEFORE DELETE ON shown
BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
