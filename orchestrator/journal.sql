-- The journal's tables, in words that SQLite and PostgreSQL both understand: TEXT and BIGINT only, keys given by
-- the program. Rows are added and never changed. hash covers the row before and this row (journal.h says how),
-- so a change, a removal in the middle or a swap is found by recomputing; prev repeats the hash of the row before.
-- idem is a word that may be used once in the whole house: a second row with it is not written.
CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL);

CREATE TABLE IF NOT EXISTS rows (
	run  TEXT   NOT NULL, -- run id, '' for the house's own chain
	seq  BIGINT NOT NULL, -- from 1 within the run, without holes
	at   BIGINT NOT NULL, -- scaled UTC milliseconds
	kind TEXT   NOT NULL,
	site TEXT   NOT NULL, -- '' where it is about no site
	body TEXT   NOT NULL, -- JSON
	prev TEXT   NOT NULL,
	hash TEXT   NOT NULL,
	idem TEXT   UNIQUE,
	PRIMARY KEY (run, seq)
);

-- Runs in the order of their beginning.
CREATE INDEX IF NOT EXISTS rows_begin ON rows (at, run) WHERE seq = 1;

-- What each sealed report said of each site: the history of a site without telling its runs again.
CREATE INDEX IF NOT EXISTS rows_record ON rows (site, at, run, seq) WHERE kind = 'record';
