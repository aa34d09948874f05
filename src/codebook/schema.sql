-- The codebook: one immutable file. Dates are days from 1970-01-01; codes stand without their dot.
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE release (
  id INTEGER PRIMARY KEY, dataset TEXT NOT NULL, setting TEXT NOT NULL, name TEXT NOT NULL,
  first INTEGER, last INTEGER, kind TEXT NOT NULL, part INTEGER NOT NULL,
  row_count INTEGER NOT NULL, source TEXT NOT NULL, digest TEXT NOT NULL,
  UNIQUE (dataset, setting, name, kind, part));
CREATE TABLE text (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
-- Membership of each edition; validity is derived from it.
CREATE TABLE code (
  system TEXT NOT NULL, code TEXT NOT NULL, release INTEGER NOT NULL, billable INTEGER NOT NULL,
  added INTEGER, terminated INTEGER, text INTEGER NOT NULL, line INTEGER NOT NULL,
  PRIMARY KEY (system, code, release)) WITHOUT ROWID;
-- What an excerpt knows to be absent, what it is complete under, and complete for.
CREATE TABLE absent (code TEXT NOT NULL, release INTEGER NOT NULL, PRIMARY KEY (code, release)) WITHOUT ROWID;
CREATE TABLE complete_under (prefix TEXT NOT NULL, release INTEGER NOT NULL, PRIMARY KEY (prefix, release)) WITHOUT ROWID;
CREATE TABLE complete_for (code TEXT NOT NULL, release INTEGER NOT NULL, PRIMARY KEY (code, release)) WITHOUT ROWID;
-- Codes whose existence a fee-schedule or NCCI release attests.
CREATE TABLE listing (code TEXT NOT NULL, release INTEGER NOT NULL, line INTEGER NOT NULL, PRIMARY KEY (code, release)) WITHOUT ROWID;
CREATE TABLE modifier (
  code TEXT NOT NULL, release INTEGER NOT NULL, added INTEGER, terminated INTEGER, text TEXT NOT NULL,
  line INTEGER NOT NULL, PRIMARY KEY (code, release)) WITHOUT ROWID;
-- Both codes in one number (see ptp.rs), so that 2.5 million rows stay small and in the file's order.
CREATE TABLE ptp (
  release INTEGER NOT NULL, pair INTEGER NOT NULL, n INTEGER NOT NULL, effective INTEGER, deletion INTEGER,
  indicator INTEGER NOT NULL, rationale INTEGER NOT NULL, line INTEGER NOT NULL,
  PRIMARY KEY (release, pair, n)) WITHOUT ROWID;
CREATE TABLE mue (
  code TEXT NOT NULL, release INTEGER NOT NULL, units INTEGER NOT NULL, mai INTEGER NOT NULL,
  rationale INTEGER NOT NULL, line INTEGER NOT NULL, PRIMARY KEY (code, release)) WITHOUT ROWID;
CREATE TABLE add_on (
  code TEXT NOT NULL, release INTEGER NOT NULL, primary_code TEXT NOT NULL, kind INTEGER NOT NULL,
  line INTEGER NOT NULL, PRIMARY KEY (code, release, primary_code)) WITHOUT ROWID;
CREATE INDEX add_on_primary ON add_on (primary_code, release);
CREATE TABLE fee (
  code TEXT NOT NULL, modifier TEXT NOT NULL, release INTEGER NOT NULL, status TEXT NOT NULL,
  global_days TEXT NOT NULL, pctc TEXT NOT NULL, multiple TEXT NOT NULL, bilateral TEXT NOT NULL,
  assistant TEXT NOT NULL, co_surgeon TEXT NOT NULL, team TEXT NOT NULL, endoscopic_base TEXT NOT NULL,
  work_rvu REAL, pe_nonfacility REAL, pe_facility REAL, mp_rvu REAL, conversion_factor REAL,
  line INTEGER NOT NULL, PRIMARY KEY (code, modifier, release)) WITHOUT ROWID;
-- Our own plain-language texts.
CREATE TABLE own_text (
  dataset TEXT NOT NULL, code TEXT NOT NULL, release INTEGER NOT NULL, text TEXT NOT NULL, words TEXT NOT NULL,
  line INTEGER NOT NULL, PRIMARY KEY (dataset, code, release)) WITHOUT ROWID;
CREATE TABLE notice (files TEXT NOT NULL, n INTEGER NOT NULL, line TEXT NOT NULL, PRIMARY KEY (files, n)) WITHOUT ROWID;
CREATE TABLE search_code (id INTEGER PRIMARY KEY, system TEXT NOT NULL, code TEXT NOT NULL, words INTEGER NOT NULL);
CREATE VIRTUAL TABLE search USING fts5(words, content='', tokenize='unicode61');
CREATE VIRTUAL TABLE search_term USING fts5vocab('search', 'row');
