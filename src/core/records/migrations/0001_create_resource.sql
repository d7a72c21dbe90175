-- One current version per resource; the body is the FHIR JSON as received, with id and meta set by the server.
-- effective, effective_at, code and category are taken out of the body for lists; effective_at is updated_at where the
-- resource has no clinical date. Times are milliseconds since 1970-01-01 UTC.
CREATE TABLE records_resource (
    person_id    TEXT   NOT NULL,
    type         TEXT   NOT NULL,
    id           TEXT   NOT NULL,
    version      BIGINT NOT NULL CHECK (version > 0),
    updated_at   BIGINT NOT NULL,
    deleted      BIGINT NOT NULL CHECK (deleted IN (0, 1)),
    origin       TEXT   NOT NULL CHECK (origin IN ('city', 'self')),
    effective    TEXT   NOT NULL,
    effective_at BIGINT NOT NULL,
    code         TEXT   NOT NULL,
    category     TEXT   NOT NULL,
    body         TEXT   NOT NULL,
    PRIMARY KEY (person_id, type, id)
);
CREATE INDEX records_resource_by_code ON records_resource (person_id, type, code, effective_at);

-- What a resource was before each change.
CREATE TABLE records_version (
    person_id    TEXT   NOT NULL,
    type         TEXT   NOT NULL,
    id           TEXT   NOT NULL,
    version      BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    deleted      BIGINT NOT NULL,
    origin       TEXT   NOT NULL,
    effective    TEXT   NOT NULL,
    effective_at BIGINT NOT NULL,
    code         TEXT   NOT NULL,
    category     TEXT   NOT NULL,
    body         TEXT   NOT NULL,
    PRIMARY KEY (person_id, type, id, version)
);
