-- By what works and assets are found again, and which files of the index hold it. A row's transaction says when it was
-- there for all to see: `pg_snapshot_xmin` is the number below which nothing appears any more.

CREATE TABLE features (
    subject TEXT NOT NULL,
    kind TEXT NOT NULL,
    algorithm TEXT NOT NULL,
    data BYTEA,
    tx BIGINT NOT NULL DEFAULT (pg_current_xact_id()::text)::bigint,
    seq BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY,
    removed BIGINT,
    removed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_features PRIMARY KEY (subject, kind, algorithm),
    CONSTRAINT ck_features_removed CHECK ((data IS NULL) = (removed IS NOT NULL)),
    CONSTRAINT ck_features_removed_at CHECK ((removed IS NULL) = (removed_at IS NULL))
);
CREATE UNIQUE INDEX ix_features_order ON features (kind, algorithm, tx, seq);
CREATE INDEX ix_features_removed ON features (kind, algorithm, removed) WHERE removed IS NOT NULL;
ALTER TABLE features ALTER COLUMN data SET STORAGE EXTERNAL; -- bits that do not compress

CREATE TABLE live_segments (
    kind TEXT NOT NULL,
    algorithm TEXT NOT NULL,
    version BIGINT NOT NULL,
    cluster TEXT NOT NULL,
    segments JSONB NOT NULL,
    CONSTRAINT pk_live_segments PRIMARY KEY (kind, algorithm)
);
