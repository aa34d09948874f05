-- ICD-10-CM tabular list: chapters, sections and codes with their notes, and the 7th characters.
-- place: `chapter 4`, `E08-E13`, a code without dot. kind: 0 chapter, 1 section, 2 code. n: the order of the list.
-- first, last: the first and the last category below it. The csv outlines (chapters, sections, categories) are places
-- without notes.
CREATE TABLE tabular_place (
  release INTEGER NOT NULL, place TEXT NOT NULL, kind INTEGER NOT NULL, parent TEXT NOT NULL, first TEXT NOT NULL,
  last TEXT NOT NULL, n INTEGER NOT NULL, placeholder INTEGER NOT NULL, text_id INTEGER NOT NULL,
  line INTEGER NOT NULL, PRIMARY KEY (release, place)) WITHOUT ROWID;
-- kind: includes, inclusion, excludes1, excludes2, code_first, use_additional, code_also, note, seventh_note,
-- visual_impairment. lead: the n of the line above in the same list that ends in a colon.
CREATE TABLE tabular_note (
  release INTEGER NOT NULL, place TEXT NOT NULL, n INTEGER NOT NULL, kind TEXT NOT NULL, lead INTEGER,
  text_id INTEGER NOT NULL, line INTEGER NOT NULL, PRIMARY KEY (release, place, n)) WITHOUT ROWID;
-- The codes that a note names, from one beginning to another; `only_if`: a condition on their later characters (see
-- code_range.rs); except: taken out of what the note names.
CREATE TABLE tabular_range (
  release INTEGER NOT NULL, place TEXT NOT NULL, n INTEGER NOT NULL, k INTEGER NOT NULL, first TEXT NOT NULL,
  last TEXT NOT NULL, only_if TEXT NOT NULL, except_it INTEGER NOT NULL,
  PRIMARY KEY (release, place, n, k)) WITHOUT ROWID;
-- character: empty for a term that belongs to the character of the row before.
CREATE TABLE tabular_seventh (
  release INTEGER NOT NULL, place TEXT NOT NULL, n INTEGER NOT NULL, character TEXT NOT NULL,
  text_id INTEGER NOT NULL, line INTEGER NOT NULL, PRIMARY KEY (release, place, n)) WITHOUT ROWID;
-- For a category that the edition does not have: the sections around it.
CREATE INDEX tabular_section ON tabular_place (release, first, last) WHERE kind=1;
