-- Registered certificates found on a list, and what is being done about it.
CREATE TABLE certification_follow_up (
    subject    TEXT   NOT NULL,
    kind       TEXT   NOT NULL CHECK (kind IN ('signature', 'user')),
    serial     TEXT   NOT NULL,
    event      TEXT   NOT NULL CHECK (event IN ('attributes-changed', 'renewed', 'ended', 'held', 'compromised')),
    stage      TEXT   NOT NULL CHECK (stage IN ('noticed', 'waiting', 'refused', 'received', 'closed')),
    revoked_at BIGINT NOT NULL,
    noticed_at BIGINT NOT NULL,
    asked_at   BIGINT NOT NULL,
    new_serial TEXT   NOT NULL,
    PRIMARY KEY (subject, kind, serial)
);
CREATE INDEX certification_follow_up_waiting ON certification_follow_up (stage, asked_at);
