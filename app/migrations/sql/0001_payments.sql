-- The ledger keeps itself true: entries sum to zero and are only ever added; everything that follows from an entry
-- (its postings, the balances of accounts with a floor, the G of its stream) is written here, in the same statement.

CREATE FUNCTION zero_sum(amounts bigint[]) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (SELECT coalesce(sum(amount), 0) = 0 AND bool_and(amount <> 0) FROM unnest(amounts) AS amount);

CREATE FUNCTION all_different(numbers bigint[]) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (SELECT count(DISTINCT number) = cardinality(numbers) FROM unnest(numbers) AS number);

ALTER TABLE entries
    ADD CONSTRAINT ck_entries_zero_sum CHECK (zero_sum(amounts)),
    ADD CONSTRAINT ck_entries_accounts CHECK (all_different(accounts)),
    ADD CONSTRAINT ck_entries_divided
        CHECK ((split_part(kind, '-', 1) IN ('fee', 'exploitation')) = (facts ? 'program_id')
            AND work IS NOT DISTINCT FROM facts ->> 'work'),
    ADD CONSTRAINT ck_entries_pairs CHECK (cardinality(accounts) = cardinality(amounts) AND cardinality(accounts) >= 2);

CREATE FUNCTION only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE restrict_violation USING MESSAGE = TG_TABLE_NAME || ' are only ever added; post a reversal instead';
END $$;

CREATE TRIGGER only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON entries EXECUTE FUNCTION only_added();
CREATE TRIGGER only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON postings EXECUTE FUNCTION only_added();
CREATE TRIGGER only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON programs EXECUTE FUNCTION only_added();
CREATE TRIGGER only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_accounts EXECUTE FUNCTION only_added();
CREATE TRIGGER only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON processor_events EXECUTE FUNCTION only_added();

-- Derived rows change only from within the trigger below: a statement of one's own is at depth 1, the trigger's at 2.
CREATE FUNCTION only_derived() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 THEN
        RAISE restrict_violation USING MESSAGE = TG_TABLE_NAME || ' follow from entries; post an entry instead';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER only_derived BEFORE INSERT ON postings EXECUTE FUNCTION only_derived();
CREATE TRIGGER only_derived BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON balances EXECUTE FUNCTION only_derived();
CREATE TRIGGER only_derived BEFORE UPDATE OR DELETE OR TRUNCATE ON streams EXECUTE FUNCTION only_derived();

CREATE FUNCTION entry_follows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    posted record;
    moved numeric := (SELECT sum(amount) FROM unnest(NEW.amounts) AS amount WHERE amount > 0);
BEGIN
    IF EXISTS (SELECT FROM unnest(NEW.accounts) AS used(id)
               LEFT JOIN ledger_accounts a ON a.id = used.id AND a.asset = NEW.asset WHERE a.id IS NULL) THEN
        RAISE foreign_key_violation USING MESSAGE = 'an account of entry ' || NEW.id || ' is not one of ' || NEW.asset;
    END IF;

    IF NEW.facts ? 'program_id' THEN
        UPDATE streams SET received = (NEW.facts ->> 'after')::bigint
            WHERE work = NEW.work AND kind = split_part(NEW.kind, '-', 1) AND asset = NEW.asset
                AND program = NEW.facts ->> 'program_id' AND received = (NEW.facts ->> 'before')::bigint;
        IF NOT FOUND THEN
            RAISE check_violation USING CONSTRAINT = 'stream_stands_at_before',
                MESSAGE = 'the stream of entry ' || NEW.id || ' does not stand where the entry begins';
        END IF;
        IF abs((NEW.facts ->> 'after')::numeric - (NEW.facts ->> 'before')::numeric) <> moved THEN
            RAISE check_violation USING CONSTRAINT = 'stream_moves_by_amount',
                MESSAGE = 'entry ' || NEW.id || ' moves its stream by another amount than its postings';
        END IF;
    END IF;

    INSERT INTO postings (account, entry, amount)
        SELECT account, NEW.seq, amount FROM unnest(NEW.accounts, NEW.amounts) AS pair(account, amount);

    FOR posted IN SELECT a.id, pair.amount FROM unnest(NEW.accounts, NEW.amounts) AS pair(account, amount)
                  JOIN ledger_accounts a ON a.id = pair.account AND a.floor ORDER BY a.id LOOP
        INSERT INTO balances (account, amount) VALUES (posted.id, 0) ON CONFLICT DO NOTHING;
        UPDATE balances SET amount = amount + posted.amount WHERE account = posted.id;
    END LOOP;
    RETURN NULL;
END $$;

CREATE TRIGGER entry_follows AFTER INSERT ON entries FOR EACH ROW EXECUTE FUNCTION entry_follows();

ALTER TABLE streams ADD CONSTRAINT ck_streams_kind CHECK (kind IN ('fee', 'exploitation'));

CREATE FUNCTION stream_begins_empty() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.received <> 0 THEN
        RAISE restrict_violation USING MESSAGE = 'a stream begins with nothing received; post an entry instead';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER stream_begins_empty BEFORE INSERT ON streams FOR EACH ROW EXECUTE FUNCTION stream_begins_empty();
