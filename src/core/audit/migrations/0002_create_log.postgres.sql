-- The transparency log over the entries (see README.md). salt is 16 bytes as base64, '' once the entry is erased; leaf is its
-- place in the log, number its place in its series. series: '' stands for the person's own, or the installation's.
ALTER TABLE audit_entry ADD COLUMN salt TEXT NOT NULL DEFAULT '';
ALTER TABLE audit_entry ADD COLUMN series TEXT NOT NULL DEFAULT '';
ALTER TABLE audit_entry ADD COLUMN seal TEXT NOT NULL DEFAULT '';
ALTER TABLE audit_entry ADD COLUMN sealed_until BIGINT;
ALTER TABLE audit_entry ADD COLUMN opened_at BIGINT;
ALTER TABLE audit_entry ADD COLUMN leaf BIGINT;
ALTER TABLE audit_entry ADD COLUMN number BIGINT;
ALTER TABLE audit_entry ADD COLUMN logged_at BIGINT;
CREATE INDEX audit_entry_pending ON audit_entry (id) WHERE leaf IS NULL;
CREATE INDEX audit_entry_series ON audit_entry (series, number) WHERE series <> '';
CREATE UNIQUE INDEX audit_entry_by_leaf ON audit_entry (leaf) WHERE leaf IS NOT NULL;
CREATE INDEX audit_entry_sealed ON audit_entry (sealed_until) WHERE sealed_until IS NOT NULL AND opened_at IS NULL;
-- One per person and one per thing with receipts of its own. key blinds the numbers, head chains the leaves; base64.
CREATE TABLE audit_series (
    name  TEXT   NOT NULL PRIMARY KEY,
    key   TEXT   NOT NULL,
    count BIGINT NOT NULL,
    head  TEXT   NOT NULL
);
-- Tiles of C2SP tlog-tiles as wide as they are; level -1 holds the entries.
CREATE TABLE audit_tile (
    level BIGINT NOT NULL,
    place BIGINT NOT NULL,
    bytes BYTEA  NOT NULL,
    PRIMARY KEY (level, place)
);
-- hour: since 1970, to thin out what is old. cosigned: how many witnesses signed.
CREATE TABLE audit_checkpoint (
    size     BIGINT NOT NULL PRIMARY KEY,
    at       BIGINT NOT NULL,
    hour     BIGINT NOT NULL,
    note     TEXT   NOT NULL,
    cosigned BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX audit_checkpoint_hour ON audit_checkpoint (hour, size);
-- The index of all series at a size of the log: a tree of its own over records sorted by their blinded name.
CREATE TABLE audit_index (
    leaf    BIGINT NOT NULL PRIMARY KEY,
    covered BIGINT NOT NULL,
    series  BIGINT NOT NULL,
    at      BIGINT NOT NULL
);
-- first: the blinded name a bundle (level -1) begins with, hexadecimal; '' for hashes.
CREATE TABLE audit_index_tile (
    covered BIGINT NOT NULL,
    level   BIGINT NOT NULL,
    place   BIGINT NOT NULL,
    first   TEXT   NOT NULL,
    bytes   BYTEA  NOT NULL,
    PRIMARY KEY (covered, level, place)
);
CREATE INDEX audit_index_tile_first ON audit_index_tile (covered, level, first);
-- The last checkpoint this installation cosigned for another log.
CREATE TABLE audit_witnessed (
    origin TEXT   NOT NULL PRIMARY KEY,
    size   BIGINT NOT NULL,
    root   TEXT   NOT NULL,
    at     BIGINT NOT NULL
);
