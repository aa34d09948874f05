-- National Correct Coding Initiative: procedure-to-procedure edits, medically unlikely edits, add-on codes.
-- Both codes in one number (see ptp.rs), so that 2.5 million rows stay small and in the file's order.
CREATE TABLE ptp (
  release INTEGER NOT NULL, pair INTEGER NOT NULL, n INTEGER NOT NULL, effective INTEGER, deletion INTEGER,
  indicator INTEGER NOT NULL, rationale_id INTEGER NOT NULL, line INTEGER NOT NULL,
  PRIMARY KEY (release, pair, n)) WITHOUT ROWID;
CREATE TABLE mue (
  code TEXT NOT NULL, release INTEGER NOT NULL, units INTEGER NOT NULL, mai INTEGER NOT NULL,
  rationale_id INTEGER NOT NULL, line INTEGER NOT NULL, PRIMARY KEY (code, release)) WITHOUT ROWID;
CREATE TABLE add_on (
  code TEXT NOT NULL, release INTEGER NOT NULL, primary_code TEXT NOT NULL, kind INTEGER NOT NULL,
  line INTEGER NOT NULL, PRIMARY KEY (code, release, primary_code)) WITHOUT ROWID;
CREATE INDEX add_on_primary ON add_on (primary_code, release);
