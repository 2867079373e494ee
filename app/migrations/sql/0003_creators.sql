-- What was noticed of a work when it came in, and which areas of it nothing is taken from. Older works are inspected in
-- the background; of those nothing is left out unless their creator says so.

ALTER TABLE assets ADD COLUMN findings JSONB;
ALTER TABLE assets ADD COLUMN left_out JSONB NOT NULL DEFAULT '[]';
ALTER TABLE assets ALTER COLUMN left_out DROP DEFAULT;

DROP INDEX ix_assets_unseen;
CREATE INDEX ix_assets_unseen ON assets (id) WHERE thumbnail IS NULL OR look IS NULL OR findings IS NULL;
