-- Crosswalks and lists over codes: general equivalence mappings, POA-exempt codes, and which ICD-10-PCS codes came from
-- which.
-- A general equivalence mapping; which way it goes, the release's dataset tells by the system that it maps from:
-- `gem_icd9cm` and `gem_icd10cm` (diagnoses), `gem_icd9pcs` and `gem_icd10pcs` (procedures). Codes without dot; `target`
-- is empty where there is none. `flags`: the five digits of the file as a number: approximate, no map, combination,
-- scenario, choice list.
CREATE TABLE gem (
  code TEXT NOT NULL, release INTEGER NOT NULL, flags INTEGER NOT NULL, target TEXT NOT NULL, line INTEGER NOT NULL,
  PRIMARY KEY (code, release, flags, target)) WITHOUT ROWID;
-- Codes that need no present-on-admission indicator. exempt = 0: a delta says that a code no longer is.
CREATE TABLE poa_exempt (
  code TEXT NOT NULL, release INTEGER NOT NULL, exempt INTEGER NOT NULL, line INTEGER NOT NULL,
  PRIMARY KEY (code, release)) WITHOUT ROWID;
-- ICD-10-PCS conversion table: a code, the one before it, the day of the change. Either is empty where there is none.
CREATE TABLE conversion (
  code TEXT NOT NULL, release INTEGER NOT NULL, previous TEXT NOT NULL, effective INTEGER NOT NULL, change TEXT NOT NULL,
  line INTEGER NOT NULL, PRIMARY KEY (code, release, previous, effective, change)) WITHOUT ROWID;
CREATE INDEX conversion_previous ON conversion (previous, release);
