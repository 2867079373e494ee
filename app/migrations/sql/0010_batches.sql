-- Questions in bulk: which ids their askers used lately, and batches that are answered in the background.

CREATE TABLE asked_lines (
    asker TEXT NOT NULL,
    id TEXT NOT NULL,
    question BYTEA NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    CONSTRAINT pk_asked_lines PRIMARY KEY (asker, id)
);
CREATE INDEX ix_asked_lines_at ON asked_lines USING brin (at);

CREATE TABLE batches (
    id TEXT NOT NULL,
    asker TEXT NOT NULL,
    state TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    lines INTEGER NOT NULL,
    answered INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    touched_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ,
    reason TEXT,
    CONSTRAINT pk_batches PRIMARY KEY (id),
    CONSTRAINT fk_batches_asker_people FOREIGN KEY (asker) REFERENCES people (id),
    CONSTRAINT ck_batches_state CHECK (state IN ('queued', 'answering', 'done', 'failed', 'cancelled')),
    CONSTRAINT ck_batches_finished CHECK ((finished_at IS NOT NULL) = (state IN ('done', 'failed', 'cancelled')))
);
CREATE INDEX ix_batches_asker ON batches (asker, id DESC);
CREATE INDEX ix_batches_state ON batches (touched_at) WHERE state IN ('queued', 'answering');

-- Works are asked about by their codes.
CREATE INDEX ix_claims_iscc ON claims (iscc);
