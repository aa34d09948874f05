-- The words of the manuals' sections, by their stems (see manual/words.rs); rowid: release * 1,000,000 + n.
CREATE VIRTUAL TABLE manual_words USING fts5(title, text, content='', tokenize="unicode61 tokenchars '-./&'");
