-- How many days of pregnancy a person was born after.
CREATE TABLE growth_birth (
    person_id  TEXT   NOT NULL PRIMARY KEY,
    gestation  BIGINT NOT NULL CHECK (gestation BETWEEN 140 AND 315),
    changed_at BIGINT NOT NULL
);
