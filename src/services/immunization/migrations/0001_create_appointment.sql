-- What the person or a guardian planned, and a long illness the law counts.
CREATE TABLE immunization_appointment (
    person_id  TEXT   NOT NULL,
    id         TEXT   NOT NULL,
    on_day     TEXT   NOT NULL,
    at_time    TEXT,
    vaccines   TEXT   NOT NULL,
    place      TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    removed_at BIGINT,
    PRIMARY KEY (person_id, id)
);
CREATE INDEX immunization_appointment_by_day ON immunization_appointment (on_day);
CREATE TABLE immunization_long_illness (
    person_id  TEXT   NOT NULL PRIMARY KEY,
    from_day   TEXT   NOT NULL,
    to_day     TEXT,
    changed_at BIGINT NOT NULL
);
