-- The newest list of each authority and municipality; der is base64.
CREATE TABLE crl_list (
    authority    TEXT   NOT NULL CHECK (authority IN ('signature', 'user')),
    municipality TEXT   NOT NULL,
    number       BIGINT NOT NULL CHECK (number > 0),
    this_update  BIGINT NOT NULL,
    next_update  BIGINT NOT NULL CHECK (next_update > this_update),
    der          TEXT   NOT NULL,
    PRIMARY KEY (authority, municipality)
);
