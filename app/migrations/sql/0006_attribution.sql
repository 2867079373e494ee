-- Works are marked: a number of their own, hidden in them by a key of its time, that leads back to the claim.
-- A creator's own works are registered too: their claims rest on no license.

ALTER TABLE claims
    ADD COLUMN mark BIGINT,
    ADD COLUMN mark_epoch TEXT,
    DROP CONSTRAINT ck_claims_licenses,
    DROP CONSTRAINT ck_claims_document,
    ADD CONSTRAINT ck_claims_mark CHECK (mark > 0 AND (mark IS NULL) = (mark_epoch IS NULL)),
    ADD CONSTRAINT ck_claims_document CHECK (
        document ->> 'work' IS NOT DISTINCT FROM work
            AND jsonb_typeof(document -> 'licenses') IS NOT DISTINCT FROM 'array'
            AND licenses IS NOT DISTINCT FROM coalesce(said_in(document, 'license'), '{}')
            AND styles IS NOT DISTINCT FROM coalesce(said_in(document, 'style'), '{}')
    );
CREATE UNIQUE INDEX ix_claims_mark ON claims (mark) WHERE mark IS NOT NULL;

-- What a mark is read against: a small copy of the work as it was before it was marked, or its bands' levels.
CREATE TABLE mark_references (
    work TEXT NOT NULL,
    data BYTEA NOT NULL,
    CONSTRAINT pk_mark_references PRIMARY KEY (work),
    CONSTRAINT fk_mark_references_work_claims FOREIGN KEY (work) REFERENCES claims (work)
);

-- What cut, turned and framed copies are found by is indexed in files now, of which the rows are the truth.
DROP TABLE landmarks;
