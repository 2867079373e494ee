-- Recordings to start from, their backing, when each style is heard, and works that last.

ALTER TABLE sources
    ALTER COLUMN width DROP NOT NULL,
    ALTER COLUMN height DROP NOT NULL,
    ADD COLUMN duration_ms INTEGER,
    ADD COLUMN tags JSONB,
    ADD CONSTRAINT ck_sources_medium CHECK (num_nulls(width, height) IN (0, 2) AND num_nonnulls(width, duration_ms) = 1);

ALTER TABLE works
    ADD COLUMN medium TEXT NOT NULL DEFAULT 'picture',
    ADD COLUMN duration_ms INTEGER,
    ADD COLUMN backing_blob TEXT,
    ADD COLUMN backing_sha256 TEXT,
    ADD COLUMN fader_mb INTEGER,
    ADD COLUMN tags JSONB,
    ADD CONSTRAINT ck_works_medium CHECK (
        num_nulls(width, height) IN (0, 2)
        AND (medium = 'picture' AND duration_ms IS NULL OR medium = 'sound' AND width IS NULL)
    ),
    ADD CONSTRAINT ck_works_backing CHECK ((backing_sha256 IS NULL) = (fader_mb IS NULL));

ALTER TABLE works ALTER COLUMN medium DROP DEFAULT;

ALTER TABLE work_licenses ADD COLUMN sections JSONB;
