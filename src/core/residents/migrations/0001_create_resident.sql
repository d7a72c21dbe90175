-- *_normal: normalised by lib/japanese, for comparing. *_head: their first two characters, for finding by beginning on
-- any collation.
CREATE TABLE residents_resident (
    id             TEXT   NOT NULL PRIMARY KEY,
    household_id   TEXT   NOT NULL,
    name           TEXT   NOT NULL,
    kana           TEXT   NOT NULL,
    birth_date     TEXT   NOT NULL,
    sex            TEXT   NOT NULL CHECK (sex IN ('male', 'female', 'unknown')),
    postal_code    TEXT   NOT NULL,
    address        TEXT   NOT NULL,
    relation       TEXT   NOT NULL,
    standing       TEXT   NOT NULL CHECK (standing IN ('resident', 'moved-out', 'dead')),
    name_normal    TEXT   NOT NULL,
    name_head      TEXT   NOT NULL,
    kana_normal    TEXT   NOT NULL,
    kana_head      TEXT   NOT NULL,
    address_normal TEXT   NOT NULL,
    address_head   TEXT   NOT NULL,
    updated_at     BIGINT NOT NULL
);
CREATE INDEX residents_resident_by_household ON residents_resident (household_id);
CREATE INDEX residents_resident_by_birth ON residents_resident (birth_date);
CREATE INDEX residents_resident_by_name ON residents_resident (name_head);
CREATE INDEX residents_resident_by_kana ON residents_resident (kana_head);
CREATE INDEX residents_resident_by_address ON residents_resident (address_head);
