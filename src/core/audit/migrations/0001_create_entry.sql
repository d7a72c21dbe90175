-- Times are milliseconds since 1970-01-01 UTC. Ids are time-ordered, so the order of ids is the order of entries.
-- person_id is '' for entries that concern nobody's data. Nothing here names a citizen.
CREATE TABLE audit_entry (
    person_id    TEXT   NOT NULL,
    id           TEXT   NOT NULL,
    at           BIGINT NOT NULL,
    actor_kind   TEXT   NOT NULL CHECK (actor_kind IN ('citizen', 'staff', 'machine', 'system', 'anonymous')),
    actor        TEXT   NOT NULL,
    actor_name   TEXT   NOT NULL,
    organization TEXT   NOT NULL,
    role         TEXT   NOT NULL,
    operation    TEXT   NOT NULL CHECK (operation <> ''),
    purpose      TEXT   NOT NULL,
    object       TEXT   NOT NULL,
    request_id   TEXT   NOT NULL,
    PRIMARY KEY (person_id, id)
);
CREATE INDEX audit_entry_by_id ON audit_entry (id);
