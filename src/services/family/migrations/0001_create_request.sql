-- Requests to act for a child that the resident register alone does not show; staff confirm them.
CREATE TABLE family_request (
    person_id    TEXT   NOT NULL,
    id           TEXT   NOT NULL,
    requested_at BIGINT NOT NULL,
    status       TEXT   NOT NULL CHECK (status IN ('new', 'approved', 'rejected')),
    name         TEXT   NOT NULL,
    kana         TEXT   NOT NULL,
    birth_date   TEXT   NOT NULL,
    sex          TEXT   NOT NULL CHECK (sex IN ('male', 'female', 'unknown')),
    address      TEXT   NOT NULL,
    note         TEXT   NOT NULL,
    reason       TEXT,
    child_id     TEXT,
    changed_at   BIGINT NOT NULL,
    PRIMARY KEY (person_id, id)
);
CREATE INDEX family_request_by_status ON family_request (status, requested_at);
CREATE INDEX family_request_by_id ON family_request (id);
