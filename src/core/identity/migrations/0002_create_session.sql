-- subject: a person's or a staff member's id. token_hash: SHA-256 of the cookie, hexadecimal.
CREATE TABLE identity_session (
    subject      TEXT   NOT NULL,
    id           TEXT   NOT NULL,
    token_hash   TEXT   NOT NULL,
    kind         TEXT   NOT NULL CHECK (kind IN ('citizen', 'staff')),
    assurance    TEXT   NOT NULL,
    device       TEXT   NOT NULL,
    signed_in_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    PRIMARY KEY (subject, id)
);
CREATE UNIQUE INDEX identity_session_by_token ON identity_session (token_hash);
CREATE INDEX identity_session_by_id ON identity_session (id);

CREATE TABLE identity_passkey (
    owner         TEXT   NOT NULL,
    id            TEXT   NOT NULL,
    credential_id TEXT   NOT NULL,
    public_key    TEXT   NOT NULL,
    algorithm     BIGINT NOT NULL,
    sign_count    BIGINT NOT NULL,
    backed_up     BIGINT NOT NULL,
    name          TEXT   NOT NULL,
    created_at    BIGINT NOT NULL,
    last_used_at  BIGINT,
    PRIMARY KEY (owner, id)
);
CREATE UNIQUE INDEX identity_passkey_by_credential ON identity_passkey (credential_id);

CREATE TABLE identity_challenge (
    id         TEXT   NOT NULL PRIMARY KEY,
    nonce      TEXT   NOT NULL,
    purpose    TEXT   NOT NULL,
    subject    TEXT   NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX identity_challenge_by_nonce ON identity_challenge (nonce);
CREATE INDEX identity_challenge_by_end ON identity_challenge (expires_at);

-- code_hash: HMAC-SHA256 under the installation's key, so that the few digits cannot be tried out from the database.
CREATE TABLE identity_code (
    purpose    TEXT   NOT NULL,
    subject    TEXT   NOT NULL,
    code_hash  TEXT   NOT NULL,
    payload    TEXT   NOT NULL,
    tries_left BIGINT NOT NULL CHECK (tries_left >= 0),
    made_at    BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (purpose, subject)
);
CREATE INDEX identity_code_by_end ON identity_code (expires_at);
