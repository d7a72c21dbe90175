-- The certification side's record. Times are milliseconds since 1970-01-01 UTC, dates YYYY-MM-DD.
CREATE TABLE registry_holder (
    id                  TEXT   NOT NULL PRIMARY KEY CHECK (id <> ''),
    name                TEXT   NOT NULL CHECK (name <> ''),
    name_substitutes    TEXT   NOT NULL,
    kana                TEXT   NOT NULL,
    birth_date          TEXT   NOT NULL,
    sex                 TEXT   NOT NULL CHECK (sex IN ('male', 'female', 'unknown')),
    address             TEXT   NOT NULL CHECK (address <> ''),
    address_substitutes TEXT   NOT NULL,
    municipality        TEXT   NOT NULL CHECK (municipality <> ''),
    state               TEXT   NOT NULL CHECK (state IN ('resident', 'dead', 'abroad')),
    updated_at          BIGINT NOT NULL
);

CREATE TABLE registry_card (
    holder_id  TEXT   NOT NULL REFERENCES registry_holder (id),
    id         TEXT   NOT NULL,
    issued_at  BIGINT NOT NULL,
    expires_on TEXT   NOT NULL,
    PRIMARY KEY (holder_id, id)
);

-- The last number given out: serial numbers of each authority, numbers of each revocation list.
CREATE TABLE registry_counter (
    name TEXT   NOT NULL PRIMARY KEY,
    last BIGINT NOT NULL
);

-- der is base64. holder_id and card_id are '' for certificates of responders.
CREATE TABLE registry_certificate (
    authority    TEXT   NOT NULL CHECK (authority IN ('signature', 'user')),
    serial       BIGINT NOT NULL CHECK (serial > 0),
    holder_id    TEXT   NOT NULL,
    card_id      TEXT   NOT NULL,
    municipality TEXT   NOT NULL,
    status       TEXT   NOT NULL CHECK (status IN ('good', 'hold', 'revoked')),
    reason       TEXT   NOT NULL,
    revoked_at   BIGINT,
    not_before   BIGINT NOT NULL,
    not_after    BIGINT NOT NULL,
    predecessor  BIGINT,
    successor    BIGINT,
    der          TEXT   NOT NULL,
    PRIMARY KEY (authority, serial),
    CHECK ((status = 'good') = (revoked_at IS NULL))
);
CREATE INDEX registry_certificate_by_holder ON registry_certificate (holder_id);
CREATE INDEX registry_certificate_by_list ON registry_certificate (authority, municipality, status);

-- What happened to a certificate, in order; nothing is ever changed or removed here.
CREATE TABLE registry_event (
    authority TEXT   NOT NULL,
    serial    BIGINT NOT NULL,
    id        TEXT   NOT NULL,
    at        BIGINT NOT NULL,
    kind      TEXT   NOT NULL CHECK (kind IN ('issued', 'held', 'lifted', 'revoked')),
    reason    TEXT   NOT NULL,
    actor     TEXT   NOT NULL,
    PRIMARY KEY (authority, serial, id)
);
