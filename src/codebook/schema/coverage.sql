-- Medicare coverage documents (MCD): LCDs, NCDs and articles, each version as each export has it. `kind`: `lcd`,
-- `article` or `ncd`; `number`: CMS's own (of L33577: 33577). `first` and `last` are the days for which the version
-- itself says that it holds, `retired` the day of the document's retirement; contractors and states stand in lines;
-- `covered` and `noncovered`: how many diagnoses its lists have.
CREATE TABLE coverage_document (
  kind TEXT NOT NULL, number INTEGER NOT NULL, version INTEGER NOT NULL, release INTEGER NOT NULL,
  shown TEXT NOT NULL, title TEXT NOT NULL, sort TEXT NOT NULL, status TEXT NOT NULL,
  first INTEGER, last INTEGER, retired INTEGER, contractors_id INTEGER NOT NULL, states_id INTEGER NOT NULL,
  covered INTEGER NOT NULL, noncovered INTEGER NOT NULL, line INTEGER NOT NULL,
  PRIMARY KEY (kind, number, version, release)) WITHOUT ROWID;
-- The services that a version is about, by its groups.
CREATE TABLE coverage_code (
  code TEXT NOT NULL, kind TEXT NOT NULL, number INTEGER NOT NULL, version INTEGER NOT NULL, grp INTEGER NOT NULL,
  release INTEGER NOT NULL, line INTEGER NOT NULL,
  PRIMARY KEY (code, kind, number, version, grp, release)) WITHOUT ROWID;
-- The diagnoses of a version: `list` 1: they support medical necessity, 0: they do not. All codes of a group are one
-- run of bytes (mcd/runs.rs); `note_id` is the group's paragraph, `star_id` what an asterisk at a code means.
CREATE TABLE coverage_group (
  kind TEXT NOT NULL, number INTEGER NOT NULL, version INTEGER NOT NULL, list INTEGER NOT NULL, grp INTEGER NOT NULL,
  release INTEGER NOT NULL, note_id INTEGER NOT NULL, star_id INTEGER NOT NULL, codes BLOB NOT NULL,
  PRIMARY KEY (kind, number, version, list, grp, release)) WITHOUT ROWID;
-- The same from the diagnosis's side: all versions whose lists have it, in one run of bytes.
CREATE TABLE coverage_diagnosis (
  code TEXT NOT NULL, release INTEGER NOT NULL, entries BLOB NOT NULL, PRIMARY KEY (code, release)) WITHOUT ROWID;
-- Which documents belong together: an article and its LCD or NCD.
CREATE TABLE coverage_relation (
  kind TEXT NOT NULL, number INTEGER NOT NULL, version INTEGER NOT NULL, other_kind TEXT NOT NULL,
  other_number INTEGER NOT NULL, release INTEGER NOT NULL,
  PRIMARY KEY (kind, number, version, other_kind, other_number, release)) WITHOUT ROWID;
