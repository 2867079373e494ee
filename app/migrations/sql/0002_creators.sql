-- What a page shows of a style, and what a picture's look is compared with; filled in the background for older works.

ALTER TABLE assets ADD COLUMN thumbnail TEXT;
ALTER TABLE assets ADD COLUMN look BYTEA;

CREATE INDEX ix_assets_unseen ON assets (id) WHERE thumbnail IS NULL OR look IS NULL;
CREATE INDEX ix_styles_listed ON styles (state_at, id) WHERE state = 'listed';

-- Cards count a style's works: without this each count would read what was inserted since the last vacuum.
ALTER INDEX ix_claims_styles SET (fastupdate = off);
ALTER INDEX ix_claims_licenses SET (fastupdate = off);
