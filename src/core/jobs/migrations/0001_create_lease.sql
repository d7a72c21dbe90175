CREATE TABLE jobs_lease (
    name       TEXT   NOT NULL PRIMARY KEY,
    node       TEXT   NOT NULL,
    held_until BIGINT NOT NULL,
    due_at     BIGINT NOT NULL,
    ran_at     BIGINT,
    failure    TEXT
);
