-- National Correct Coding Initiative: procedure-to-procedure edits, medically unlikely edits, add-on codes.
-- All edits of a code, as column 1 (side 1) or column 2 (side 2), in one run of bytes: see ptp_entries.rs.
CREATE TABLE ptp (
  release INTEGER NOT NULL, side INTEGER NOT NULL, code TEXT NOT NULL, entries BLOB NOT NULL,
  PRIMARY KEY (release, side, code)) WITHOUT ROWID;
CREATE TABLE ptp_rationale (
  release INTEGER NOT NULL, n INTEGER NOT NULL, text_id INTEGER NOT NULL, PRIMARY KEY (release, n)) WITHOUT ROWID;
CREATE TABLE mue (
  code TEXT NOT NULL, release INTEGER NOT NULL, units INTEGER NOT NULL, mai INTEGER NOT NULL,
  rationale_id INTEGER NOT NULL, line INTEGER NOT NULL, PRIMARY KEY (code, release)) WITHOUT ROWID;
CREATE TABLE add_on (
  code TEXT NOT NULL, release INTEGER NOT NULL, primary_code TEXT NOT NULL, kind INTEGER NOT NULL,
  line INTEGER NOT NULL, PRIMARY KEY (code, release, primary_code)) WITHOUT ROWID;
CREATE INDEX add_on_primary ON add_on (primary_code, release);
