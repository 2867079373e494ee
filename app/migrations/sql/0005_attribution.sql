-- A recording has no texture: it is known by its samples.

ALTER TABLE fingerprints
    ALTER COLUMN views DROP NOT NULL,
    ALTER COLUMN keys DROP NOT NULL,
    ALTER COLUMN sheet DROP NOT NULL,
    ADD CONSTRAINT ck_fingerprints_texture CHECK (num_nulls(views, keys, sheet) IN (0, 3));
