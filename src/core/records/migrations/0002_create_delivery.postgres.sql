-- What the city's systems hand over about a resident: FHIR Bundles, deflated (RFC 1950). size is that of the JSON.
CREATE TABLE records_delivery (
    resident_id TEXT   NOT NULL,
    id          TEXT   NOT NULL,
    received_at BIGINT NOT NULL,
    size        BIGINT NOT NULL CHECK (size > 0),
    content     BYTEA  NOT NULL,
    PRIMARY KEY (resident_id, id)
);
