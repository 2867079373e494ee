-- A claim is what a sealed file quotes, and a fingerprint is how it is found: both stay as recorded. Only a withdrawal
-- is ever written down, once.

CREATE FUNCTION claims_only_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.withdrawn_at IS NULL
        AND to_jsonb(NEW) - '{withdrawn_at,withdrawn_reason}'::text[]
            = to_jsonb(OLD) - '{withdrawn_at,withdrawn_reason}'::text[] THEN
        RETURN NEW;
    END IF;
    RAISE restrict_violation USING MESSAGE = 'the claim of ' || OLD.work || ' stays as recorded; it can be withdrawn once';
END $$;

CREATE TRIGGER claims_only_end BEFORE UPDATE OR DELETE ON claims
    FOR EACH ROW EXECUTE FUNCTION claims_only_end();

CREATE FUNCTION fingerprints_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE restrict_violation USING MESSAGE = 'the fingerprint of ' || OLD.subject || ' stays as recorded';
END $$;

CREATE TRIGGER fingerprints_stay BEFORE UPDATE OR DELETE ON fingerprints
    FOR EACH ROW EXECUTE FUNCTION fingerprints_stay();

CREATE FUNCTION attribution_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE restrict_violation USING MESSAGE = TG_TABLE_NAME || ' are only ever added';
END $$;

CREATE TRIGGER claims_stay BEFORE TRUNCATE ON claims EXECUTE FUNCTION attribution_stays();
CREATE TRIGGER fingerprints_stay_all BEFORE TRUNCATE ON fingerprints EXECUTE FUNCTION attribution_stays();

-- A work's claim says which licenses and styles it rests on; the columns that a revocation looks in cannot differ.
CREATE FUNCTION said_in(document jsonb, field text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (SELECT array_agg(DISTINCT (license ->> field) COLLATE "C" ORDER BY (license ->> field) COLLATE "C")
            FROM jsonb_array_elements(document -> 'licenses') AS license);

ALTER TABLE claims
    ADD CONSTRAINT ck_claims_document CHECK (
        document ->> 'work' IS NOT DISTINCT FROM work
            AND licenses IS NOT DISTINCT FROM said_in(document, 'license')
            AND styles IS NOT DISTINCT FROM said_in(document, 'style')
    );
