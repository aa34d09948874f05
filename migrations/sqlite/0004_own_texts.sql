-- Our own plain-language texts for codes: what is proposed, and what was approved and stands on the code's page.
-- '' and 0: there is none.
CREATE TABLE own_texts (
    code TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 1,   -- counts every change; writers state the one they read
    proposed_text TEXT NOT NULL DEFAULT '',
    proposed_words TEXT NOT NULL DEFAULT '',
    proposed_by TEXT NOT NULL DEFAULT '',
    proposed_at BIGINT NOT NULL DEFAULT 0,
    text TEXT NOT NULL DEFAULT '',
    words TEXT NOT NULL DEFAULT '',   -- by which the search may find it
    approved_by TEXT NOT NULL DEFAULT '',
    approved_at BIGINT NOT NULL DEFAULT 0
);
