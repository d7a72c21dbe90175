-- A request for a posted passcode, one per registration. new: the register has exactly one such resident; doubtful: staff
-- must look; approved: to be printed; printed: on its way; returned: came back; rejected; done: the code was entered.
-- The passcode itself is kept, hashed, by core/identity.
CREATE TABLE letter_registration_request (
    id              TEXT   NOT NULL PRIMARY KEY,
    registration_id TEXT   NOT NULL,
    requested_at    BIGINT NOT NULL,
    status          TEXT   NOT NULL CHECK (status IN ('new', 'doubtful', 'approved', 'printed', 'returned', 'rejected', 'done')),
    name            TEXT   NOT NULL,
    kana            TEXT   NOT NULL,
    birth_date      TEXT   NOT NULL,
    sex             TEXT   NOT NULL CHECK (sex IN ('male', 'female', 'unknown')),
    postal_code     TEXT   NOT NULL,
    address         TEXT   NOT NULL,
    language        TEXT   NOT NULL,
    resident_id     TEXT,
    reason          TEXT,
    printed_at      BIGINT,
    print_count     BIGINT NOT NULL DEFAULT 0,
    code_expires_at BIGINT,
    changed_at      BIGINT NOT NULL
);
CREATE UNIQUE INDEX letter_registration_request_by_registration ON letter_registration_request (registration_id);
CREATE INDEX letter_registration_request_by_status ON letter_registration_request (status, requested_at);
