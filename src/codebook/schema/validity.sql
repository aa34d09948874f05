-- What each code is on each day, derived from the membership of the editions when the book is built: `valid`, `header`,
-- `not_yet_valid` or `ended`, for the days from `first` to `last` (the smallest and largest numbers stand for "ever").
-- Days without a row: nothing is known. `system` is that of `code`, or `cpt`.
CREATE TABLE validity (
  system TEXT NOT NULL, code TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, status TEXT NOT NULL,
  PRIMARY KEY (system, code, first)) WITHOUT ROWID;
