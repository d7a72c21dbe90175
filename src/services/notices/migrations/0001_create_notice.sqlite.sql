-- A template's versions never change; body is its JSON (three languages, placeholders, action).
CREATE TABLE notices_template (
    id         TEXT   NOT NULL,
    version    BIGINT NOT NULL,
    body       TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT   NOT NULL,
    PRIMARY KEY (id, version)
);
-- One sending of one version of a template to an audience. after_person: how far it has come, in the order of ids (or rows).
CREATE TABLE notices_sending (
    id           TEXT   NOT NULL PRIMARY KEY,
    template_id  TEXT   NOT NULL,
    version      BIGINT NOT NULL,
    name         TEXT   NOT NULL,
    body         TEXT   NOT NULL,
    state        TEXT   NOT NULL CHECK (state IN ('draft', 'submitted', 'approved', 'sending', 'paused', 'done', 'cancelled')),
    created_at   BIGINT NOT NULL,
    created_by   TEXT   NOT NULL,
    approved_by  TEXT,
    approved_at  BIGINT,
    send_at      BIGINT,
    finished_at  BIGINT,
    after_person TEXT   NOT NULL DEFAULT '',
    targeted     BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX notices_sending_state ON notices_sending (state, send_at);
-- filled: the values of the placeholders, JSON. digest: SHA-256 of the notice as rendered in all languages, hexadecimal.
-- age and mailed are for the figures.
CREATE TABLE notices_notice (
    person_id       TEXT   NOT NULL,
    id              TEXT   NOT NULL,
    sending_id      TEXT   NOT NULL,
    category        TEXT   NOT NULL,
    filled          TEXT   NOT NULL,
    digest          TEXT   NOT NULL,
    deadline        TEXT,
    age             BIGINT NOT NULL,
    mailed          BIGINT NOT NULL,
    created_at      BIGINT NOT NULL,
    opened_at       BIGINT,
    acknowledged_at BIGINT,
    archived_at     BIGINT,
    printed_at      BIGINT,
    PRIMARY KEY (person_id, id)
);
CREATE UNIQUE INDEX notices_notice_by_sending ON notices_notice (sending_id, person_id);
CREATE TABLE notices_attachment (
    sending_id TEXT   NOT NULL,
    id         TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    digest     TEXT   NOT NULL,
    content    BLOB   NOT NULL,
    PRIMARY KEY (sending_id, id)
);
-- A row of an uploaded list: whom it names, and whether that is sure. person_id: '' until it is known.
CREATE TABLE notices_list_row (
    sending_id TEXT   NOT NULL,
    row_number BIGINT NOT NULL,
    claim      TEXT   NOT NULL,
    certainty  TEXT   NOT NULL CHECK (certainty IN ('sure', 'doubtful', 'none', 'refused')),
    person_id  TEXT   NOT NULL,
    decided_by TEXT   NOT NULL DEFAULT '',
    PRIMARY KEY (sending_id, row_number)
);
CREATE TABLE notices_choice (
    person_id TEXT   NOT NULL,
    category  TEXT   NOT NULL,
    mail      BIGINT NOT NULL,
    PRIMARY KEY (person_id, category)
);
