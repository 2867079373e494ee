-- Recordings that a style is learned from: they last, where pictures have a width and a height.

ALTER TABLE assets
    ALTER COLUMN width DROP NOT NULL,
    ALTER COLUMN height DROP NOT NULL,
    ADD COLUMN duration_ms INTEGER,
    ADD COLUMN excerpt TEXT,
    ADD CONSTRAINT ck_assets_medium CHECK (num_nulls(width, height) IN (0, 2) AND num_nonnulls(width, duration_ms) = 1);

DROP INDEX ix_assets_unseen;
CREATE INDEX ix_assets_unseen ON assets (id)
    WHERE thumbnail IS NULL OR findings IS NULL OR (look IS NULL AND width IS NOT NULL);
