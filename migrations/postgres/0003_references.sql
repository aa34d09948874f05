-- The References of a mail, oldest first, separated by spaces: a reply carries them on (RFC 5322, 3.6.4).
ALTER TABLE mails ADD COLUMN mail_references TEXT COLLATE "C" NOT NULL DEFAULT '';
