-- The words of the search, made when the book is built.
CREATE TABLE search_code (id INTEGER PRIMARY KEY, system TEXT NOT NULL, code TEXT NOT NULL, words INTEGER NOT NULL);
CREATE VIRTUAL TABLE search USING fts5(words, content='', tokenize='unicode61');
CREATE VIRTUAL TABLE search_term USING fts5vocab('search', 'row');
