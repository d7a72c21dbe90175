CREATE TABLE enrolment_registration (
    id                   TEXT   NOT NULL PRIMARY KEY,
    step                 TEXT   NOT NULL CHECK (step IN ('terms', 'way', 'card', 'check', 'contact', 'passcode', 'letter',
                                                          'letter-waiting', 'company', 'company-waiting', 'done')),
    email                TEXT   NOT NULL,
    language             TEXT   NOT NULL,
    terms_version        TEXT,
    way                  TEXT,
    name                 TEXT,
    name_has_substitutes BIGINT,
    kana                 TEXT,
    address              TEXT,
    birth_date           TEXT,
    sex                  TEXT,
    resident_id          TEXT,
    signature_issuer     TEXT,
    signature_serial     TEXT,
    signature_not_before BIGINT,
    signature_not_after  BIGINT,
    user_issuer          TEXT,
    user_serial          TEXT,
    user_not_before      BIGINT,
    user_not_after       BIGINT,
    telephone            TEXT,
    password_hash        TEXT,
    created_at           BIGINT NOT NULL,
    expires_at           BIGINT NOT NULL,
    person_id            TEXT
);
CREATE INDEX enrolment_registration_by_person ON enrolment_registration (person_id);
CREATE INDEX enrolment_registration_by_end ON enrolment_registration (expires_at);

-- Links and cookies carry the same kind of token; only its SHA-256 is kept.
CREATE TABLE enrolment_token (
    token_hash      TEXT   NOT NULL PRIMARY KEY,
    registration_id TEXT   NOT NULL,
    expires_at      BIGINT NOT NULL
);
CREATE INDEX enrolment_token_by_registration ON enrolment_token (registration_id);
