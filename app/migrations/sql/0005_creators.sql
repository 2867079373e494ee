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

ALTER TABLE assets ADD COLUMN voice BOOLEAN, ADD COLUMN tempo INTEGER, ADD COLUMN key TEXT;

-- A phrase that a creator was asked to speak, the take they sent, and what was decided of it.
CREATE TABLE voice_proofs (
    id TEXT NOT NULL,
    style TEXT NOT NULL,
    creator TEXT NOT NULL,
    phrase TEXT NOT NULL,
    syllables INTEGER NOT NULL,
    asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    take TEXT,
    taken_at TIMESTAMP WITH TIME ZONE,
    assets JSONB NOT NULL,
    decision TEXT,
    likeness DOUBLE PRECISION,
    "natural" DOUBLE PRECISION,
    reasons JSONB NOT NULL,
    ruling TEXT,
    ruled_by TEXT,
    ruled_at TIMESTAMP WITH TIME ZONE,
    ruled_because TEXT,
    CONSTRAINT pk_voice_proofs PRIMARY KEY (id),
    CONSTRAINT fk_voice_proofs_style_styles FOREIGN KEY (style) REFERENCES styles (id),
    CONSTRAINT fk_voice_proofs_creator_creators FOREIGN KEY (creator) REFERENCES creators (id),
    CONSTRAINT ck_voice_proofs_decision CHECK (decision IN ('not-a-stranger', 'unclear', 'refused')),
    CONSTRAINT ck_voice_proofs_taken CHECK ((taken_at IS NULL) = (decision IS NULL)),
    CONSTRAINT ck_voice_proofs_ruling CHECK (ruling IN ('passed', 'refused') AND decision IS NOT NULL OR ruling IS NULL)
);
CREATE INDEX ix_voice_proofs_style ON voice_proofs (style);
CREATE INDEX ix_voice_proofs_unclear ON voice_proofs (taken_at, id) WHERE decision = 'unclear' AND ruling IS NULL;
