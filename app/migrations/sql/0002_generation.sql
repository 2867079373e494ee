-- Previews beside works; where each stands in the queue and how long it took; what is shown of a finished one.

ALTER TABLE works
    ADD COLUMN kind TEXT NOT NULL DEFAULT 'work',
    ADD COLUMN beat BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN started_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN took_ms INTEGER,
    ADD COLUMN width INTEGER,
    ADD COLUMN height INTEGER,
    ADD COLUMN renditions JSONB NOT NULL DEFAULT '{}',
    ADD COLUMN shared_at TIMESTAMP WITH TIME ZONE;

ALTER TABLE works
    ALTER COLUMN kind DROP DEFAULT,
    ALTER COLUMN beat DROP DEFAULT,
    ALTER COLUMN renditions DROP DEFAULT,
    ADD CONSTRAINT ck_works_kind CHECK (kind IN ('work', 'preview')),
    ADD CONSTRAINT ck_works_preview_is_free CHECK (kind = 'work' OR (price = 0 AND shared_at IS NULL));

DROP INDEX ix_works_queue;

CREATE INDEX ix_works_queue ON works (engine, kind, priority, id) WHERE state = 'queued';

CREATE INDEX ix_works_started ON works (engine, kind, started_at);

CREATE INDEX ix_works_previews ON works (created_at) WHERE kind = 'preview';

-- A preview rests on an offer that it does not take up: it has no license.
ALTER TABLE work_licenses ADD COLUMN offer TEXT;

UPDATE work_licenses SET offer = licenses.offer FROM licenses WHERE licenses.id = work_licenses.license;

ALTER TABLE work_licenses
    ALTER COLUMN offer SET NOT NULL,
    ALTER COLUMN license DROP NOT NULL,
    ADD CONSTRAINT fk_work_licenses_offer_offers FOREIGN KEY (offer) REFERENCES offers (id);

CREATE INDEX ix_work_licenses_offer ON work_licenses (offer);

-- A fan's picture as it was first read, encrypted for them: an upload is decoded once, however often it is used.
CREATE TABLE sources (
    person TEXT NOT NULL,
    origin TEXT NOT NULL,
    blob TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_sources PRIMARY KEY (person, origin),
    CONSTRAINT fk_sources_person_people FOREIGN KEY (person) REFERENCES people (id)
);
