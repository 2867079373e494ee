-- Parts of a picture to paint or to paint in one style, reworks of finished works, a style's recommended settings, samples.

ALTER TABLE works
    ADD COLUMN mask_blob TEXT,
    ADD COLUMN mask_sha256 TEXT,
    ADD COLUMN rework TEXT,
    ADD COLUMN sheet TEXT,
    ADD CONSTRAINT fk_works_rework_works FOREIGN KEY (rework) REFERENCES works (id),
    ADD CONSTRAINT ck_works_sheet_of_previews CHECK (sheet IS NULL OR kind = 'preview'),
    ADD CONSTRAINT ck_works_rework_has_a_mask CHECK (rework IS NULL OR mask_sha256 IS NOT NULL);

CREATE INDEX ix_works_rework ON works (rework) WHERE rework IS NOT NULL;
CREATE INDEX ix_works_sheets ON works (person, created_at) WHERE sheet IS NOT NULL;

-- A creator looks at samples in their own style before anyone is offered it: these rest on no offer.
ALTER TABLE work_licenses
    ALTER COLUMN offer DROP NOT NULL,
    ADD COLUMN region_blob TEXT,
    ADD COLUMN region_sha256 TEXT;

CREATE TABLE style_presets (
    style TEXT NOT NULL,
    engine TEXT NOT NULL,
    name TEXT NOT NULL,
    params JSONB NOT NULL,
    chosen_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_style_presets PRIMARY KEY (style, engine),
    CONSTRAINT fk_style_presets_style_styles FOREIGN KEY (style) REFERENCES styles (id)
);
