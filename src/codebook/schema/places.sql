-- Places of service: two digits, which practice expense Medicare pays there, name and description.
CREATE TABLE place_of_service (
  code TEXT NOT NULL, release INTEGER NOT NULL, facility INTEGER NOT NULL, name TEXT NOT NULL,
  description TEXT NOT NULL, line INTEGER NOT NULL, PRIMARY KEY (code, release)) WITHOUT ROWID;
