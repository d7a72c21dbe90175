-- Verified lists as received (DER).
CREATE TABLE certification_list (
    authority      TEXT   NOT NULL CHECK (authority IN ('signature', 'user')),
    partition_name TEXT   NOT NULL,
    der            BLOB   NOT NULL,
    this_update    BIGINT NOT NULL,
    next_update    BIGINT NOT NULL,
    fetched_at     BIGINT NOT NULL,
    PRIMARY KEY (authority, partition_name)
);
