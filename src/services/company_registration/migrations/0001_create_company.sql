-- Companies with a contract, and whom they employ. Dates are days in Japan; contract_to is the last day, or none is fixed.
CREATE TABLE company_registration_company (
    id            TEXT   NOT NULL PRIMARY KEY,
    code          TEXT   NOT NULL,
    name          TEXT   NOT NULL,
    contract_from TEXT   NOT NULL,
    contract_to   TEXT,
    created_at    BIGINT NOT NULL,
    CHECK (contract_to IS NULL OR contract_to >= contract_from)
);
CREATE UNIQUE INDEX company_registration_company_by_code ON company_registration_company (code);

CREATE TABLE company_registration_employee (
    company_id TEXT NOT NULL,
    number     TEXT NOT NULL,
    name       TEXT NOT NULL,
    kana       TEXT NOT NULL,
    birth_date TEXT NOT NULL,
    PRIMARY KEY (company_id, number)
);

-- A request to be confirmed by staff, one per registration.
CREATE TABLE company_registration_request (
    id              TEXT   NOT NULL PRIMARY KEY,
    registration_id TEXT   NOT NULL,
    requested_at    BIGINT NOT NULL,
    status          TEXT   NOT NULL CHECK (status IN ('new', 'approved', 'rejected')),
    company_id      TEXT   NOT NULL,
    employee_number TEXT   NOT NULL,
    name            TEXT   NOT NULL,
    kana            TEXT   NOT NULL,
    birth_date      TEXT   NOT NULL,
    reason          TEXT,
    changed_at      BIGINT NOT NULL
);
CREATE UNIQUE INDEX company_registration_request_by_registration ON company_registration_request (registration_id);
CREATE INDEX company_registration_request_by_status ON company_registration_request (status, requested_at);
CREATE INDEX company_registration_request_by_employee ON company_registration_request (company_id, employee_number);
