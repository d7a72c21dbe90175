-- body is sealed (AES-256-GCM) and emptied when the message has been delivered or the person erased.
-- due_at: when it may next be tried; a claimed message is due again when the claim runs out.
CREATE TABLE outbox_message (
    id           TEXT   NOT NULL PRIMARY KEY,
    topic        TEXT   NOT NULL,
    body         TEXT   NOT NULL,
    key          TEXT,
    created_at   BIGINT NOT NULL,
    due_at       BIGINT NOT NULL,
    tries        BIGINT NOT NULL DEFAULT 0,
    state        TEXT   NOT NULL CHECK (state IN ('waiting', 'delivered', 'dead')),
    settled_at   BIGINT,
    last_failure TEXT
);
CREATE UNIQUE INDEX outbox_message_by_key ON outbox_message (key);
CREATE INDEX outbox_message_due ON outbox_message (state, due_at);
