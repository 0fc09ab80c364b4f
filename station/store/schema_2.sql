-- Version 2: what was decided after runs.

-- One row for each entry of kind grant (1), disposition (2), config (3) and
-- hook (4); what else it says stands in its body. A unit's rows are found by its
-- serial; those of no unit have none.
CREATE TABLE note(
	seq INTEGER PRIMARY KEY,
	kind INTEGER NOT NULL CHECK(kind > 0),
	what INTEGER NOT NULL REFERENCES name,
	serial TEXT,
	product INTEGER REFERENCES name,
	process INTEGER REFERENCES name,
	by INTEGER NOT NULL REFERENCES name,
	at_ms INTEGER NOT NULL,
	CHECK((serial IS NULL) = (product IS NULL) AND (serial IS NULL) = (process IS NULL))
) STRICT;
CREATE INDEX note_unit ON note(serial, product, seq) WHERE serial IS NOT NULL;

CREATE TRIGGER note_update BEFORE UPDATE ON note
BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
CREATE TRIGGER note_delete BEFORE DELETE ON note
BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
