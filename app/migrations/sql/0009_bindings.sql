-- Manifests of sealed works, to give back to files that lost them. Works sealed before have none here.

CREATE TABLE manifests (
    work TEXT NOT NULL,
    label TEXT NOT NULL,
    data BYTEA NOT NULL,
    iscc BIGINT,
    iscc_keys INTEGER[],
    CONSTRAINT pk_manifests PRIMARY KEY (work),
    CONSTRAINT fk_manifests_work_claims FOREIGN KEY (work) REFERENCES claims (work),
    CONSTRAINT uq_manifests_label UNIQUE (label),
    CONSTRAINT ck_manifests_iscc CHECK (num_nulls(iscc, iscc_keys) IN (0, 2))
);
CREATE INDEX ix_manifests_iscc_keys ON manifests USING gin (iscc_keys) WITH (fastupdate = off);

-- An erasure takes them out; nothing else touches them.
CREATE FUNCTION manifests_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE restrict_violation USING MESSAGE = 'the manifest of ' || OLD.work || ' stays as it was signed';
END $$;

CREATE TRIGGER manifests_stay BEFORE UPDATE ON manifests FOR EACH ROW EXECUTE FUNCTION manifests_stay();
