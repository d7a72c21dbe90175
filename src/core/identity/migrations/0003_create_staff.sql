CREATE TABLE identity_staff (
    id                  TEXT   NOT NULL PRIMARY KEY,
    account             TEXT   NOT NULL,
    name                TEXT   NOT NULL,
    organization        TEXT   NOT NULL,
    active              BIGINT NOT NULL CHECK (active IN (0, 1)),
    password_change_due BIGINT NOT NULL CHECK (password_change_due IN (0, 1)),
    created_at          BIGINT NOT NULL,
    password_hash       TEXT   NOT NULL
);
CREATE UNIQUE INDEX identity_staff_by_account ON identity_staff (account);

CREATE TABLE identity_staff_role (
    staff_id TEXT NOT NULL,
    role     TEXT NOT NULL,
    PRIMARY KEY (staff_id, role)
);

-- Wrong passwords, counted for known and unknown names alike so that a lock does not tell who exists.
-- subject: SHA-256 of what was typed.
CREATE TABLE identity_try (
    purpose      TEXT   NOT NULL,
    subject      TEXT   NOT NULL,
    failed       BIGINT NOT NULL,
    locked_until BIGINT,
    last_at      BIGINT NOT NULL,
    PRIMARY KEY (purpose, subject)
);
