-- The store of all FHIR R4 resources: doc/decisions/0015-resource-store.md says why it looks like this.
-- Keys are compared byte by byte, as SQLite and the program itself do.
-- person_id: whose compartment; '' for what belongs to nobody (Organization, Questionnaire …).
-- index_form, index_values: what searches compare, taken out of the body by lib/fhir; index_form 0 = not yet taken out, and
-- a row of another form than the program's is read from its body until the job "records.reindex" has passed it.
-- packing: 0 = body is the whole JSON; n > 0 = the JSON after meta.lastUpdated, compressed with dictionary n (dictionaries/).
-- restricted: meta.security says R or V. Times are milliseconds since 1970-01-01 UTC.
CREATE TABLE records_current (
    person_id    TEXT COLLATE "C"   NOT NULL,
    type         TEXT COLLATE "C"   NOT NULL,
    id           TEXT COLLATE "C"   NOT NULL,
    version      BIGINT NOT NULL CHECK (version > 0),
    updated_at   BIGINT NOT NULL,
    deleted      BIGINT NOT NULL CHECK (deleted IN (0, 1)),
    origin       TEXT   NOT NULL CHECK (origin IN ('city', 'self')),
    restricted   BIGINT NOT NULL CHECK (restricted IN (0, 1)),
    effective    TEXT   NOT NULL,
    effective_at BIGINT NOT NULL,
    code         TEXT COLLATE "C"   NOT NULL,
    category     TEXT   NOT NULL,
    packing      BIGINT NOT NULL,
    index_form   BIGINT NOT NULL,
    index_values BYTEA  NOT NULL,
    body         BYTEA  NOT NULL,
    PRIMARY KEY (person_id, type, id)
);
CREATE INDEX records_current_by_code ON records_current (person_id, type, code, effective_at);
CREATE INDEX records_current_by_time ON records_current (type, updated_at, person_id, id);

-- What a resource was before each change.
CREATE TABLE records_history (
    person_id    TEXT COLLATE "C"   NOT NULL,
    type         TEXT COLLATE "C"   NOT NULL,
    id           TEXT COLLATE "C"   NOT NULL,
    version      BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    deleted      BIGINT NOT NULL,
    origin       TEXT   NOT NULL,
    restricted   BIGINT NOT NULL,
    effective    TEXT   NOT NULL,
    effective_at BIGINT NOT NULL,
    code         TEXT COLLATE "C"   NOT NULL,
    category     TEXT   NOT NULL,
    packing      BIGINT NOT NULL,
    body         BYTEA  NOT NULL,
    PRIMARY KEY (person_id, type, id, version)
);
CREATE INDEX records_history_by_time ON records_history (type, updated_at, person_id, id, version);

-- Whose compartment an id lies in that does not say it itself: ids given by clients and by the city's systems.
CREATE TABLE records_name (
    type      TEXT COLLATE "C" NOT NULL,
    id        TEXT COLLATE "C" NOT NULL,
    person_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (type, id, person_id)
);

-- Searches among everybody, for the few parameters that have them (global_index.cpp). value: a 64-bit hash of the folded
-- code; what is found is compared with index_values again.
CREATE TABLE records_token (
    type      TEXT COLLATE "C"   NOT NULL,
    parameter BIGINT NOT NULL,
    value     BIGINT NOT NULL,
    person_id TEXT COLLATE "C"   NOT NULL,
    id        TEXT COLLATE "C"   NOT NULL,
    PRIMARY KEY (type, parameter, value, person_id, id)
);
CREATE INDEX records_token_by_resource ON records_token (person_id, type, id);
CREATE TABLE records_text (
    type      TEXT COLLATE "C"   NOT NULL,
    parameter BIGINT NOT NULL,
    value     TEXT COLLATE "C"   NOT NULL,
    person_id TEXT COLLATE "C"   NOT NULL,
    id        TEXT COLLATE "C"   NOT NULL,
    PRIMARY KEY (type, parameter, value, person_id, id)
);
CREATE INDEX records_text_by_resource ON records_text (person_id, type, id);
CREATE TABLE records_date (
    type      TEXT COLLATE "C"   NOT NULL,
    parameter BIGINT NOT NULL,
    low       BIGINT NOT NULL,
    high      BIGINT NOT NULL,
    person_id TEXT COLLATE "C"   NOT NULL,
    id        TEXT COLLATE "C"   NOT NULL,
    PRIMARY KEY (type, parameter, low, high, person_id, id)
);
CREATE INDEX records_date_by_resource ON records_date (person_id, type, id);

-- Conditional creates: of several at the same time one gets the key. key: SHA-256 of owner, type and condition.
CREATE TABLE records_condition (
    key       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    person_id TEXT COLLATE "C" NOT NULL,
    type      TEXT COLLATE "C" NOT NULL,
    id        TEXT COLLATE "C" NOT NULL
);
CREATE INDEX records_condition_by_resource ON records_condition (person_id, type, id);

INSERT INTO records_current
SELECT person_id, type, id, version, updated_at, deleted, origin, 0, effective, effective_at, code, category, 0, 0, ''::bytea,
       convert_to(body, 'UTF8')
FROM records_resource;
INSERT INTO records_history
SELECT person_id, type, id, version, updated_at, deleted, origin, 0, effective, effective_at, code, category, 0,
       convert_to(body, 'UTF8')
FROM records_version;
INSERT INTO records_name SELECT type, id, person_id FROM records_resource;
DROP TABLE records_resource;
DROP TABLE records_version;
