-- The codebook: one immutable file. Dates are days from 1970-01-01; codes stand without their dot. Every table of
-- rows has a column `release`; a column whose name ends in `_id` refers to `text`. The book is put into its final,
-- canonical order by these two conventions (see canonical.rs).
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
-- row_count: the file's own; implied: headings that follow from the rows of a codes file.
CREATE TABLE release (
  id INTEGER PRIMARY KEY, dataset TEXT NOT NULL, setting TEXT NOT NULL, name TEXT NOT NULL,
  first INTEGER, last INTEGER, kind TEXT NOT NULL, part INTEGER NOT NULL,
  row_count INTEGER NOT NULL, implied INTEGER NOT NULL, source TEXT NOT NULL, digest TEXT NOT NULL, mark INTEGER NOT NULL,
  UNIQUE (dataset, setting, name, kind, part));
CREATE TABLE text (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
-- Membership of each edition; validity is derived from it.
CREATE TABLE code (
  system TEXT NOT NULL, code TEXT NOT NULL, release INTEGER NOT NULL, billable INTEGER NOT NULL,
  added INTEGER, terminated INTEGER, text_id INTEGER NOT NULL, line INTEGER NOT NULL,
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
-- Our own plain-language texts.
CREATE TABLE own_text (
  dataset TEXT NOT NULL, code TEXT NOT NULL, release INTEGER NOT NULL, text TEXT NOT NULL, words TEXT NOT NULL,
  line INTEGER NOT NULL, PRIMARY KEY (dataset, code, release)) WITHOUT ROWID;
-- What publishers demand beside their codes; release 0: of a manifest, for all its files.
CREATE TABLE notice (files TEXT NOT NULL, lines TEXT NOT NULL, release INTEGER NOT NULL, PRIMARY KEY (files, lines, release)) WITHOUT ROWID;
