-- The search's index, one for each system, made when the book is built (see search/index.rs).
CREATE TABLE search_index (id INTEGER PRIMARY KEY, system TEXT NOT NULL UNIQUE, data BLOB NOT NULL);
