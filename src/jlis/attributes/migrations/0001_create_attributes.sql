-- Relying services under contract; id is the name of the program that calls.
CREATE TABLE attributes_service (
    id             TEXT   NOT NULL PRIMARY KEY CHECK (id <> ''),
    name           TEXT   NOT NULL CHECK (name <> ''),
    contract_begin TEXT   NOT NULL,
    contract_end   TEXT   NOT NULL,
    daily_limit    BIGINT NOT NULL CHECK (daily_limit >= 0),
    price_yen      BIGINT NOT NULL CHECK (price_yen >= 0)
);

-- statement, certificate (base64 of DER) and signature (base64) prove the consent. items: bits, see attributes.h.
CREATE TABLE attributes_consent (
    holder_id    TEXT   NOT NULL,
    id           TEXT   NOT NULL,
    service      TEXT   NOT NULL,
    items        BIGINT NOT NULL CHECK (items BETWEEN 1 AND 15),
    serial       BIGINT NOT NULL,
    statement    TEXT   NOT NULL,
    certificate  TEXT   NOT NULL,
    signature    TEXT   NOT NULL,
    given_at     BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL CHECK (expires_at > given_at),
    withdrawn_at BIGINT,
    PRIMARY KEY (holder_id, id),
    UNIQUE (holder_id, service, statement)
);
-- One consent in force for a service at a time: a new one takes the place of the old one.
CREATE UNIQUE INDEX attributes_consent_in_force ON attributes_consent (holder_id, service) WHERE withdrawn_at IS NULL;

CREATE TABLE attributes_delivery (
    holder_id  TEXT   NOT NULL,
    id         TEXT   NOT NULL,
    service    TEXT   NOT NULL,
    consent_id TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    items      BIGINT NOT NULL,
    old_serial BIGINT NOT NULL,
    new_serial BIGINT NOT NULL,
    PRIMARY KEY (holder_id, id)
);

-- Answers of each month ("2026-11") and day ("2026-11-22") in Japan, which the fee and the limit count.
CREATE TABLE attributes_fee (
    service TEXT   NOT NULL,
    period  TEXT   NOT NULL,
    answers BIGINT NOT NULL CHECK (answers > 0),
    PRIMARY KEY (service, period)
);
