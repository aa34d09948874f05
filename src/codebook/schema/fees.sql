-- Medicare physician fee schedule.
CREATE TABLE fee (
  code TEXT NOT NULL, modifier TEXT NOT NULL, release INTEGER NOT NULL, status TEXT NOT NULL,
  global_days TEXT NOT NULL, pctc TEXT NOT NULL, multiple TEXT NOT NULL, bilateral TEXT NOT NULL,
  assistant TEXT NOT NULL, co_surgeon TEXT NOT NULL, team TEXT NOT NULL, endoscopic_base TEXT NOT NULL,
  work_rvu REAL, pe_nonfacility REAL, pe_facility REAL, mp_rvu REAL, conversion_factor REAL,
  line INTEGER NOT NULL, PRIMARY KEY (code, modifier, release)) WITHOUT ROWID;
