-- What has happened here that others want to be told, and whom it was told to, attempt by attempt.

CREATE TABLE events (
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    data JSONB NOT NULL,
    people TEXT[] NOT NULL,
    everyone BOOLEAN NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    spread_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_events PRIMARY KEY (id)
);

CREATE INDEX ix_events_unspread ON events (id) WHERE spread_at IS NULL;

CREATE INDEX ix_events_at ON events (at);

-- An event says the same for as long as there is one; only that it was spread is added, once.
CREATE FUNCTION events_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.spread_at IS NULL AND to_jsonb(NEW) - 'spread_at' = to_jsonb(OLD) - 'spread_at' THEN
        RETURN NEW;
    END IF;
    RAISE restrict_violation USING MESSAGE = 'event ' || OLD.id || ' stays as it was told';
END $$;

CREATE TRIGGER events_stay BEFORE UPDATE ON events FOR EACH ROW EXECUTE FUNCTION events_stay();

CREATE TABLE webhooks (
    id TEXT NOT NULL,
    person TEXT NOT NULL,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    kinds TEXT[] NOT NULL,
    secret BYTEA NOT NULL,
    old_secret BYTEA,
    old_until TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    served_at TIMESTAMP WITH TIME ZONE,
    delivered_at TIMESTAMP WITH TIME ZONE,
    failures INTEGER NOT NULL,
    failing_since TIMESTAMP WITH TIME ZONE,
    rest_until TIMESTAMP WITH TIME ZONE,
    disabled_at TIMESTAMP WITH TIME ZONE,
    disabled_because TEXT,
    CONSTRAINT pk_webhooks PRIMARY KEY (id),
    CONSTRAINT fk_webhooks_person_accounts FOREIGN KEY (person) REFERENCES accounts (person) ON DELETE CASCADE,
    CONSTRAINT ck_webhooks_disabled_because CHECK (disabled_because IN ('owner', 'gone', 'failing')),
    CONSTRAINT ck_webhooks_disabled CHECK ((disabled_at IS NULL) = (disabled_because IS NULL)),
    CONSTRAINT ck_webhooks_failing CHECK ((failures = 0) = (failing_since IS NULL)),
    CONSTRAINT ck_webhooks_old_secret CHECK ((old_secret IS NULL) = (old_until IS NULL))
);

CREATE INDEX ix_webhooks_person ON webhooks (person);

CREATE TABLE deliveries (
    id TEXT NOT NULL,
    webhook TEXT NOT NULL,
    event TEXT NOT NULL,
    state TEXT NOT NULL,
    tries INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    leased_until TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    settled_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_deliveries PRIMARY KEY (id),
    CONSTRAINT uq_deliveries_event_webhook UNIQUE (event, webhook),
    CONSTRAINT fk_deliveries_webhook_webhooks FOREIGN KEY (webhook) REFERENCES webhooks (id) ON DELETE CASCADE,
    CONSTRAINT fk_deliveries_event_events FOREIGN KEY (event) REFERENCES events (id),
    CONSTRAINT ck_deliveries_state CHECK (state IN ('waiting', 'delivered', 'failed'))
);

CREATE INDEX ix_deliveries_due ON deliveries (webhook, due_at) WHERE state = 'waiting';

CREATE INDEX ix_deliveries_failed ON deliveries (webhook, id) WHERE state = 'failed';

CREATE INDEX ix_deliveries_leased ON deliveries (leased_until) WHERE leased_until IS NOT NULL;

CREATE INDEX ix_deliveries_webhook_id ON deliveries (webhook, id);

CREATE INDEX ix_deliveries_created_at ON deliveries (created_at);

CREATE TABLE delivery_attempts (
    delivery TEXT NOT NULL,
    number INTEGER NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    took_ms INTEGER NOT NULL,
    status INTEGER,
    failure TEXT,
    answer TEXT NOT NULL,
    CONSTRAINT pk_delivery_attempts PRIMARY KEY (delivery, number),
    CONSTRAINT fk_delivery_attempts_delivery_deliveries
        FOREIGN KEY (delivery) REFERENCES deliveries (id) ON DELETE CASCADE
);
