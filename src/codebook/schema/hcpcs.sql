-- What the HCPCS level II files say of a code (five characters) or modifier (two) besides its text and dates, in
-- the files' own codes (record layout); lists are divided by blanks. Days from 1970-01-01.
CREATE TABLE hcpcs_detail (
  code TEXT NOT NULL, release INTEGER NOT NULL, short_id INTEGER NOT NULL, pricing TEXT NOT NULL,
  multiple_pricing TEXT NOT NULL, issues_manual TEXT NOT NULL, carriers_manual TEXT NOT NULL, statute TEXT NOT NULL,
  lab_certification TEXT NOT NULL, cross_references TEXT NOT NULL, coverage TEXT NOT NULL, asc_group TEXT NOT NULL,
  asc_date INTEGER, mog_group TEXT NOT NULL, mog_policy TEXT NOT NULL, mog_date INTEGER, note TEXT NOT NULL,
  betos TEXT NOT NULL, service_types TEXT NOT NULL, base_units INTEGER NOT NULL, action TEXT NOT NULL,
  action_date INTEGER, line INTEGER NOT NULL, PRIMARY KEY (code, release)) WITHOUT ROWID;
-- What the numbers in hcpcs_detail.note stand for.
CREATE TABLE hcpcs_note (
  number INTEGER NOT NULL, release INTEGER NOT NULL, text TEXT NOT NULL, line INTEGER NOT NULL,
  PRIMARY KEY (number, release)) WITHOUT ROWID;
-- Which modifiers exist, `cpt` or `hcpcs`, and what each is about; texts are in `modifier` and `own_text`.
CREATE TABLE modifier_list (
  code TEXT NOT NULL, system TEXT NOT NULL, release INTEGER NOT NULL, category TEXT NOT NULL, line INTEGER NOT NULL,
  PRIMARY KEY (code, system, release)) WITHOUT ROWID;
