-- Medicare physician fee schedule.
CREATE TABLE fee (
  code TEXT NOT NULL, modifier TEXT NOT NULL, release INTEGER NOT NULL, status TEXT NOT NULL,
  global_days TEXT NOT NULL, pctc TEXT NOT NULL, multiple TEXT NOT NULL, bilateral TEXT NOT NULL,
  assistant TEXT NOT NULL, co_surgeon TEXT NOT NULL, team TEXT NOT NULL, endoscopic_base TEXT NOT NULL,
  work_rvu REAL, pe_nonfacility REAL, pe_facility REAL, mp_rvu REAL, conversion_factor REAL,
  line INTEGER NOT NULL,
  -- Shares of the global package before, in and after surgery; whether the file says NA for a setting; physician
  -- supervision of diagnostic procedures; diagnostic imaging family; practice expense and malpractice of the OPPS cap.
  pre REAL, intra REAL, post REAL, na_nonfacility INTEGER NOT NULL, na_facility INTEGER NOT NULL,
  supervision TEXT NOT NULL, imaging_family TEXT NOT NULL, cap_nonfacility REAL, cap_facility REAL, cap_mp REAL,
  PRIMARY KEY (code, modifier, release)) WITHOUT ROWID;
-- Geographic practice cost indices, in thousandths, by contractor (MAC) and locality.
CREATE TABLE gpci (
  mac TEXT NOT NULL, locality TEXT NOT NULL, release INTEGER NOT NULL, state TEXT NOT NULL, name TEXT NOT NULL,
  work INTEGER NOT NULL, pe INTEGER NOT NULL, mp INTEGER NOT NULL, line INTEGER NOT NULL,
  PRIMARY KEY (mac, locality, release)) WITHOUT ROWID;
-- Counties of a locality.
CREATE TABLE locality (
  mac TEXT NOT NULL, locality TEXT NOT NULL, release INTEGER NOT NULL, state TEXT NOT NULL, area TEXT NOT NULL,
  counties TEXT NOT NULL, line INTEGER NOT NULL, PRIMARY KEY (mac, locality, release)) WITHOUT ROWID;
-- Anesthesia conversion factors in ten-thousandths of a dollar; the national one stands without MAC and locality.
CREATE TABLE anesthesia (
  mac TEXT NOT NULL, locality TEXT NOT NULL, release INTEGER NOT NULL, factor INTEGER NOT NULL, line INTEGER NOT NULL,
  PRIMARY KEY (mac, locality, release)) WITHOUT ROWID;
-- OPPS cap of imaging, in cents.
CREATE TABLE opps_cap (
  code TEXT NOT NULL, modifier TEXT NOT NULL, mac TEXT NOT NULL, locality TEXT NOT NULL, release INTEGER NOT NULL,
  facility INTEGER NOT NULL, nonfacility INTEGER NOT NULL, line INTEGER NOT NULL,
  PRIMARY KEY (code, modifier, mac, locality, release)) WITHOUT ROWID;
