-- Manuals cut into passages: which of them, the release's dataset tells (`icd10cm_guidelines`, `ncci_manual`).
-- section: `I.C.4.a.3`, `IV.H.6`; `IV.B(2).1` is of the section's second list. n: the order of the manual. parent: the n
-- of the section above. page: as the manual numbers it (`40`, `IV-12`). line: in the file, or in the pdf's text.
CREATE TABLE manual_section (
  release INTEGER NOT NULL, n INTEGER NOT NULL, section TEXT NOT NULL, parent INTEGER, title TEXT NOT NULL,
  page TEXT NOT NULL, line INTEGER NOT NULL, PRIMARY KEY (release, n)) WITHOUT ROWID;
CREATE INDEX manual_section_name ON manual_section (release, section);
CREATE TABLE manual_paragraph (
  release INTEGER NOT NULL, n INTEGER NOT NULL, k INTEGER NOT NULL, page TEXT NOT NULL, text TEXT NOT NULL,
  line INTEGER NOT NULL, PRIMARY KEY (release, n, k)) WITHOUT ROWID;
-- The codes that a paragraph names, from one to another, without dots; k = -1: the title does. system: `icd10cm`, or
-- `service` for CPT and HCPCS.
CREATE TABLE manual_mention (
  system TEXT NOT NULL, first TEXT NOT NULL, last TEXT NOT NULL, release INTEGER NOT NULL, n INTEGER NOT NULL,
  k INTEGER NOT NULL, PRIMARY KEY (system, first, last, release, n, k)) WITHOUT ROWID;
CREATE INDEX manual_mention_range ON manual_mention (system, first, last) WHERE first<>last;
