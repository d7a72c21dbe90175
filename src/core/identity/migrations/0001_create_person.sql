-- An erased person keeps a row with the id and erased_at only.
CREATE TABLE identity_person (
    id                   TEXT   NOT NULL PRIMARY KEY,
    name                 TEXT   NOT NULL,
    name_has_substitutes BIGINT NOT NULL CHECK (name_has_substitutes IN (0, 1)),
    kana                 TEXT,
    birth_date           TEXT   NOT NULL,
    sex                  TEXT   NOT NULL CHECK (sex IN ('male', 'female', 'unknown')),
    address              TEXT   NOT NULL,
    source               TEXT   NOT NULL CHECK (source IN ('card', 'letter', 'company', 'register')),
    certified_at         BIGINT NOT NULL,
    resident_id          TEXT,
    email                TEXT,
    email_normal         TEXT,
    telephone            TEXT,
    language             TEXT   NOT NULL,
    password_hash        TEXT,
    name_normal          TEXT   NOT NULL,
    name_head            TEXT   NOT NULL,
    kana_normal          TEXT   NOT NULL,
    kana_head            TEXT   NOT NULL,
    address_normal       TEXT   NOT NULL,
    created_at           BIGINT NOT NULL,
    closed_at            BIGINT,
    erase_at             BIGINT,
    erased_at            BIGINT
);
CREATE UNIQUE INDEX identity_person_by_email ON identity_person (email_normal);
CREATE UNIQUE INDEX identity_person_by_resident ON identity_person (resident_id);
CREATE INDEX identity_person_by_birth ON identity_person (birth_date);
CREATE INDEX identity_person_by_name ON identity_person (name_head);
CREATE INDEX identity_person_by_kana ON identity_person (kana_head);
CREATE INDEX identity_person_by_erasure ON identity_person (erase_at);

-- The certificate itself is not kept. issuer: SHA-256 of the issuer's DER name.
CREATE TABLE identity_certificate (
    person_id   TEXT   NOT NULL,
    issuer      TEXT   NOT NULL,
    serial      TEXT   NOT NULL,
    type        TEXT   NOT NULL CHECK (type IN ('signature', 'user')),
    not_before  BIGINT NOT NULL,
    not_after   BIGINT NOT NULL,
    status      TEXT   NOT NULL CHECK (status IN ('active', 'superseded', 'revoked')),
    predecessor TEXT,
    linked_at   BIGINT NOT NULL,
    PRIMARY KEY (person_id, issuer, serial)
);
CREATE UNIQUE INDEX identity_certificate_by_serial ON identity_certificate (issuer, serial);

CREATE TABLE identity_guardianship (
    guardian_id TEXT   NOT NULL,
    child_id    TEXT   NOT NULL,
    basis       TEXT   NOT NULL CHECK (basis IN ('register', 'staff')),
    since       BIGINT NOT NULL,
    until       TEXT   NOT NULL,
    ended_at    BIGINT,
    PRIMARY KEY (guardian_id, child_id)
);
CREATE INDEX identity_guardianship_by_child ON identity_guardianship (child_id);
