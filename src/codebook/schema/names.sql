-- Other names of codes: alphabetic index, inclusion terms, drug, neoplasm and external-cause tables.
-- kind: `inclusion` (tabular inclusion terms), `index`, `external`, `drug`, `neoplasm`.
CREATE TABLE name (
  system TEXT NOT NULL, code TEXT NOT NULL, release INTEGER NOT NULL, kind TEXT NOT NULL, text_id INTEGER NOT NULL,
  line INTEGER NOT NULL, PRIMARY KEY (system, code, release, kind, text_id)) WITHOUT ROWID;
