-- CPT of a site that holds a licence of the American Medical Association: its texts, apart from all others, so that a
-- desk without the licence shows none. kind: `long`, `medium`, `short`, `consumer`, `clinician` (several a code).
CREATE TABLE cpt_text (
  code TEXT NOT NULL, release INTEGER NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, line INTEGER NOT NULL,
  PRIMARY KEY (code, release, kind, text)) WITHOUT ROWID;
-- What is kept of a descriptor besides, and all that is kept of one in a file of CMS: keyed hashes of its word groups
-- (see descriptors.rs).
CREATE TABLE descriptor_group (
  hash INTEGER NOT NULL, code TEXT NOT NULL, release INTEGER NOT NULL, PRIMARY KEY (hash, code, release)) WITHOUT ROWID;
