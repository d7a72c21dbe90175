CREATE TABLE certification_decision (
    subject     TEXT   NOT NULL,
    id          TEXT   NOT NULL,
    at          BIGINT NOT NULL,
    purpose     TEXT   NOT NULL,
    kind        TEXT   NOT NULL,
    issuer      TEXT   NOT NULL,
    serial      TEXT   NOT NULL,
    fingerprint TEXT   NOT NULL,
    outcome     TEXT   NOT NULL,
    reason      TEXT   NOT NULL,
    method      TEXT   NOT NULL,
    source_time BIGINT,
    PRIMARY KEY (subject, id)
);
