-- What was offered and what was granted stays as it was: only an end is ever written down.

CREATE FUNCTION offers_never_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.closed_at IS NULL
        AND to_jsonb(NEW) - 'closed_at' = to_jsonb(OLD) - 'closed_at' THEN
        RETURN NEW;
    END IF;
    RAISE restrict_violation
        USING MESSAGE = 'offer ' || OLD.id || ' was published and cannot be changed; publish a new one';
END $$;

CREATE TRIGGER offers_never_change BEFORE UPDATE OR DELETE ON offers
    FOR EACH ROW EXECUTE FUNCTION offers_never_change();

CREATE FUNCTION licenses_keep_their_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.offer, NEW.style, NEW.licensor, NEW.licensee, NEW.terms, NEW.terms_hash, NEW.expires_at)
        IS DISTINCT FROM
        (OLD.id, OLD.offer, OLD.style, OLD.licensor, OLD.licensee, OLD.terms, OLD.terms_hash, OLD.expires_at)
        OR NEW.epoch < OLD.epoch OR (OLD.state = 'revoked' AND NEW.state <> 'revoked') THEN
        RAISE restrict_violation USING MESSAGE = 'license ' || OLD.id || ' keeps what it was granted with';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER licenses_keep_their_terms BEFORE UPDATE ON licenses
    FOR EACH ROW EXECUTE FUNCTION licenses_keep_their_terms();
