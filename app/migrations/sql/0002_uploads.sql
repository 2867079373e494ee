-- How far an upload is, is the length of its file. No reference to people: an upload goes a day after its last byte.
CREATE TABLE uploads (
    id TEXT CONSTRAINT pk_uploads PRIMARY KEY,
    person TEXT NOT NULL,
    length BIGINT NOT NULL CONSTRAINT ck_uploads_length CHECK (length >= 0),
    name TEXT NOT NULL,
    described TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX ix_uploads_person ON uploads (person);
CREATE INDEX ix_uploads_expires_at ON uploads (expires_at);
