-- What lay in a Maildir before the desk's first look (import_from "now" or a date): counted, never opened. Files keep
-- their times when they are moved, so that only their names can tell later.
CREATE TABLE older_mail (
    mailbox TEXT NOT NULL REFERENCES mailboxes (name) ON UPDATE CASCADE,
    source_key TEXT NOT NULL,
    PRIMARY KEY (mailbox, source_key)
);
