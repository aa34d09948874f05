-- The case database. Columns are BIGINT, TEXT and BLOB only; times are microseconds UTC, civil dates and JSON are
-- text, flags are 0 or 1, ids are UUIDv7. Everything is NOT NULL: '' and 0 stand for "none", but where a comment
-- says otherwise. The same tables stand in migrations/postgres; a test compares the two.

CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,      -- codebook_id: the book all processes must use
    value TEXT NOT NULL
);

CREATE TABLE counters (
    name TEXT NOT NULL PRIMARY KEY,      -- case:2026
    value BIGINT NOT NULL
);

-- Last sign of life of each worker of each process.
CREATE TABLE signs_of_life (
    worker TEXT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    note TEXT NOT NULL DEFAULT ''        -- the last error, '' while all is well
);

CREATE TABLE mailboxes (
    name TEXT NOT NULL PRIMARY KEY,
    identity TEXT NOT NULL,              -- account, host and folder; a change needs `mailbox rename` or `reset`
    import_after BIGINT NOT NULL,        -- mail that arrived before is counted, not opened
    baseline_uidvalidity BIGINT NOT NULL DEFAULT 0,
    baseline_uid BIGINT NOT NULL DEFAULT 0,  -- UIDs below it (under that UIDVALIDITY) were there before us
    older_mail BIGINT NOT NULL DEFAULT 0,
    uidvalidity BIGINT NOT NULL DEFAULT 0,
    on_server BIGINT NOT NULL DEFAULT 0, -- mails seen in the last cycle
    missing BIGINT NOT NULL DEFAULT 0,   -- of these, not stored yet: 0 once reconciled
    last_look_at BIGINT NOT NULL DEFAULT 0,
    lease_holder TEXT NOT NULL DEFAULT '',
    lease_until BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL
);

CREATE TABLE cases (
    id TEXT NOT NULL PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,         -- CC-2026-00042
    mailbox TEXT NOT NULL REFERENCES mailboxes (name) ON UPDATE CASCADE,
    token TEXT NOT NULL UNIQUE,          -- 80 random bits; proves that a mail belongs here
    state TEXT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1,   -- counts every change; writers state the one they read
    asker TEXT NOT NULL,                 -- whom an answer goes to; '' if a person must decide
    masked_subject TEXT NOT NULL,
    verdict TEXT NOT NULL DEFAULT '',    -- of the newest draft
    flags TEXT NOT NULL DEFAULT '[]',
    approved_draft TEXT NOT NULL DEFAULT '',
    mail_waits BIGINT NOT NULL DEFAULT 0, -- 1: the asker wrote while an answer could not be called back
    stale TEXT NOT NULL DEFAULT '',      -- why the newest draft no longer holds
    attempts BIGINT NOT NULL DEFAULT 0,  -- at drafting
    lease_until BIGINT NOT NULL DEFAULT 0,
    opened_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    waiting_since BIGINT NOT NULL        -- the asker's newest mail
);
CREATE INDEX cases_by_state ON cases (state, waiting_since);

CREATE TABLE mails (
    id TEXT NOT NULL PRIMARY KEY,
    mailbox TEXT NOT NULL REFERENCES mailboxes (name) ON UPDATE CASCADE,
    source_key TEXT NOT NULL,            -- uidvalidity:uid, or the Maildir base name
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    lease_until BIGINT NOT NULL DEFAULT 0,
    size BIGINT NOT NULL,
    sealed_original BLOB NOT NULL,       -- the only place that holds what was not masked
    content_digest TEXT NOT NULL,        -- HMAC without trace headers: the same mail delivered twice
    message_id TEXT NOT NULL DEFAULT '',
    arrived_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    marked_at BIGINT,                    -- NULL until it is marked on the server
    filed_at BIGINT NOT NULL DEFAULT 0,
    case_id TEXT NOT NULL DEFAULT '',
    class TEXT NOT NULL DEFAULT '',
    why TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',     -- why it is quarantined, too large or a duplicate
    suggested_case TEXT NOT NULL DEFAULT '',
    sender TEXT NOT NULL DEFAULT '',
    reply_to TEXT NOT NULL DEFAULT '',   -- shown to the reviewer where it is not the sender's
    masked_subject TEXT NOT NULL DEFAULT '',
    masked_text TEXT NOT NULL DEFAULT '',    -- what the person wrote, without quote and signature
    masked_trimmed TEXT NOT NULL DEFAULT '', -- what was trimmed
    phi TEXT NOT NULL DEFAULT '[]',      -- kinds of what was masked
    attachments TEXT NOT NULL DEFAULT '[]',
    problems TEXT NOT NULL DEFAULT '[]',
    sent_at BIGINT NOT NULL DEFAULT 0,   -- the mail's own Date
    UNIQUE (mailbox, source_key)
);
CREATE INDEX mails_by_state ON mails (state, received_at);
CREATE INDEX mails_by_case ON mails (case_id, received_at);
CREATE INDEX mails_by_digest ON mails (content_digest);
CREATE INDEX mails_by_message_id ON mails (message_id);
CREATE INDEX mails_unmarked ON mails (mailbox) WHERE marked_at IS NULL;

CREATE TABLE drafts (
    id TEXT NOT NULL PRIMARY KEY,
    case_id TEXT NOT NULL REFERENCES cases (id),
    version BIGINT NOT NULL,
    kind TEXT NOT NULL,                  -- answer, ask_back, decline
    author TEXT NOT NULL,                -- 'consultant', or a person's address
    text TEXT NOT NULL,                  -- Markdown subset with anchors [n]; '' with a reason
    answer TEXT NOT NULL,                -- findings and sources as JSON
    no_draft_reason TEXT NOT NULL DEFAULT '',
    codebook_id TEXT NOT NULL,
    evidence_digest TEXT NOT NULL,
    newest_mail TEXT NOT NULL,           -- the asker's mail that it takes into account
    created_at BIGINT NOT NULL,
    UNIQUE (case_id, version)
);

CREATE TABLE outbox (
    id TEXT NOT NULL PRIMARY KEY,        -- also X-CaseConsultant-Delivery
    kind TEXT NOT NULL,
    cause_id TEXT NOT NULL,              -- the draft, or the mail that is acknowledged
    recipient TEXT NOT NULL,             -- one envelope recipient
    copy_of TEXT NOT NULL DEFAULT '',    -- '' for the asker's, else the row whose Cc it is
    case_id TEXT NOT NULL REFERENCES cases (id),
    draft_id TEXT NOT NULL DEFAULT '',
    mailbox TEXT NOT NULL REFERENCES mailboxes (name) ON UPDATE CASCADE,
    state TEXT NOT NULL,
    attempt BIGINT NOT NULL DEFAULT 0,
    lease_until BIGINT NOT NULL DEFAULT 0,
    not_before BIGINT NOT NULL,          -- the undo window, or the backoff
    envelope_sender TEXT NOT NULL,       -- '' is the null sender
    message_id TEXT NOT NULL,
    mime BLOB NOT NULL,                  -- the very bytes
    reply TEXT NOT NULL DEFAULT '',      -- the server's last words, or what went wrong
    approved_by TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    settled_at BIGINT NOT NULL DEFAULT 0,
    sent_copy TEXT NOT NULL DEFAULT '',  -- wanted, filed; '' if none is wanted
    copy_attempts BIGINT NOT NULL DEFAULT 0,
    UNIQUE (kind, cause_id, recipient)
);
CREATE INDEX outbox_by_state ON outbox (state, not_before);
CREATE INDEX outbox_by_case ON outbox (case_id, created_at);
CREATE INDEX outbox_by_message_id ON outbox (message_id);
CREATE UNIQUE INDEX outbox_one_live_answer ON outbox (case_id)
    WHERE kind IN ('answer', 'ask_back', 'decline') AND copy_of = ''
      AND state IN ('queued', 'claimed', 'transmitting', 'uncertain');

-- Append-only; hash = SHA-256 over the previous hash and the row. case_id '' is the desk's own chain.
CREATE TABLE audit (
    case_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    event TEXT NOT NULL,
    payload TEXT NOT NULL,
    PRIMARY KEY (case_id, seq)
);

CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    address TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL DEFAULT '',
    credential TEXT NOT NULL DEFAULT '', -- CPC, CCS …, printed under an answer
    role TEXT NOT NULL,
    password_hash TEXT NOT NULL,         -- argon2id, PHC string
    disabled BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL
);

CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY,        -- SHA-256 of the cookie's token
    user_id TEXT NOT NULL REFERENCES users (id),
    csrf TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE sign_in_failures (
    address TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX sign_in_failures_by_address ON sign_in_failures (address, at);
