-- Other names of codes: the alphabetic index, inclusion terms, the tables of drugs and of neoplasms, external causes.
-- `code` is without its dot, and may be a stem of which only longer codes are billable (W11, T39011): a name holds for
-- all codes that begin with it.

-- kind: `inclusion` (tabular inclusion terms), `index` (alphabetic index), `external` (external cause index).
-- An index name is the path of its titles from the main term down, joined by ", " (`Fall, falling (accidental), from,
-- ladder`): parentheses hold nonessential modifiers, which may be there or not; a comma inside a title separates
-- alternatives; NEC and NOS are no words. A term that only refers to another (see, or see also alone) has the codes of
-- the term it refers to.
CREATE TABLE name (
  system TEXT NOT NULL, code TEXT NOT NULL, release INTEGER NOT NULL, kind TEXT NOT NULL, text_id INTEGER NOT NULL,
  line INTEGER NOT NULL, PRIMARY KEY (system, code, release, kind, text_id)) WITHOUT ROWID;
-- The cells of the table of drugs and chemicals and of the neoplasm table; which of them, the release's dataset tells
-- (`icd10cm_drug`, `icd10cm_neoplasm`). All codes are ICD-10-CM. `text_id` is the entry's path, as above; the neoplasm
-- table's own main term is left out, its own row is "unspecified site". `col` is the official column: for drugs
-- 2 poisoning accidental, 3 intentional self-harm, 4 assault, 5 undetermined, 6 adverse effect, 7 underdosing; for
-- neoplasms 2 malignant primary, 3 malignant secondary, 4 in situ, 5 benign, 6 uncertain, 7 unspecified behavior. The
-- name of a code is made of column and entry (names.rs: `cell_name`) and not stored.
CREATE TABLE table_cell (
  code TEXT NOT NULL, release INTEGER NOT NULL, text_id INTEGER NOT NULL, col INTEGER NOT NULL, line INTEGER NOT NULL,
  PRIMARY KEY (code, release, text_id, col)) WITHOUT ROWID;
CREATE INDEX table_cell_entry ON table_cell (text_id, release);
-- Entries by their essential words in alphabetical order (`acid acetic` is `acetic acid`); one for each alternative.
CREATE TABLE table_entry (
  words TEXT NOT NULL, release INTEGER NOT NULL, text_id INTEGER NOT NULL, PRIMARY KEY (words, release, text_id)) WITHOUT ROWID;
