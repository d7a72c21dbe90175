-- What a decision was made for, and how long its source counted.
ALTER TABLE certification_decision ADD COLUMN check_purpose TEXT NOT NULL DEFAULT 'signature-verification';
ALTER TABLE certification_decision ADD COLUMN valid_until BIGINT;
ALTER TABLE certification_decision ADD COLUMN overdue BIGINT NOT NULL DEFAULT 0;
