-- The tables as the models describe them; a test compares the two.

CREATE TABLE claims (
    work TEXT NOT NULL,
    document JSONB NOT NULL,
    licenses TEXT[] NOT NULL,
    styles TEXT[] NOT NULL,
    file_sha256 TEXT NOT NULL,
    iscc TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    withdrawn_at TIMESTAMP WITH TIME ZONE,
    withdrawn_reason TEXT,
    CONSTRAINT pk_claims PRIMARY KEY (work),
    CONSTRAINT ck_claims_withdrawal CHECK ((withdrawn_at IS NULL) = (withdrawn_reason IS NULL)),
    CONSTRAINT ck_claims_licenses CHECK (cardinality(licenses) > 0)
);

CREATE INDEX ix_claims_file_sha256 ON claims (file_sha256);

CREATE INDEX ix_claims_licenses ON claims USING gin (licenses);

CREATE INDEX ix_claims_styles ON claims USING gin (styles);

CREATE TABLE entries (
    id TEXT NOT NULL,
    seq BIGINT GENERATED ALWAYS AS IDENTITY,
    reference TEXT NOT NULL,
    kind TEXT NOT NULL,
    asset TEXT NOT NULL,
    work TEXT,
    accounts BIGINT[] NOT NULL,
    amounts BIGINT[] NOT NULL,
    facts JSONB NOT NULL,
    inputs_hash TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_entries PRIMARY KEY (id),
    CONSTRAINT uq_entries_seq UNIQUE (seq),
    CONSTRAINT uq_entries_reference UNIQUE (reference)
);

CREATE INDEX ix_entries_work ON entries (work);

CREATE TABLE ledger_accounts (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    name TEXT NOT NULL,
    asset TEXT NOT NULL,
    floor BOOLEAN NOT NULL,
    CONSTRAINT pk_ledger_accounts PRIMARY KEY (id),
    CONSTRAINT uq_ledger_accounts_name_asset UNIQUE (name, asset)
);

CREATE TABLE people (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_people PRIMARY KEY (id)
);

CREATE TABLE programs (
    id TEXT NOT NULL,
    document JSONB NOT NULL,
    CONSTRAINT pk_programs PRIMARY KEY (id)
);

CREATE TABLE balances (
    account BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    CONSTRAINT pk_balances PRIMARY KEY (account),
    CONSTRAINT ck_balances_never_below_zero CHECK (amount >= 0),
    CONSTRAINT fk_balances_account_ledger_accounts FOREIGN KEY(account) REFERENCES ledger_accounts (id)
);

CREATE TABLE charges (
    id TEXT NOT NULL,
    person TEXT NOT NULL,
    amount BIGINT NOT NULL,
    asset TEXT NOT NULL,
    processor TEXT NOT NULL,
    external TEXT,
    idempotency_key TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    asked_at TIMESTAMP WITH TIME ZONE,
    settled_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_charges PRIMARY KEY (id),
    CONSTRAINT uq_charges_person_idempotency_key UNIQUE (person, idempotency_key),
    CONSTRAINT ck_charges_state CHECK (state IN ('pending', 'succeeded', 'failed')),
    CONSTRAINT ck_charges_amount CHECK (amount > 0),
    CONSTRAINT fk_charges_person_people FOREIGN KEY(person) REFERENCES people (id)
);

CREATE INDEX ix_charges_person ON charges (person);

CREATE TABLE creators (
    id TEXT NOT NULL,
    person TEXT NOT NULL,
    name TEXT NOT NULL,
    payout JSONB,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_creators PRIMARY KEY (id),
    CONSTRAINT fk_creators_person_people FOREIGN KEY(person) REFERENCES people (id)
);

CREATE INDEX ix_creators_person ON creators (person);

CREATE TABLE fingerprints (
    subject TEXT NOT NULL,
    claim TEXT,
    owner TEXT NOT NULL,
    samples_sha256 TEXT NOT NULL,
    views BYTEA NOT NULL,
    keys INTEGER[] NOT NULL,
    sheet BYTEA NOT NULL,
    content BYTEA,
    CONSTRAINT pk_fingerprints PRIMARY KEY (subject),
    CONSTRAINT ck_fingerprints_claim CHECK ((claim IS NOT NULL) = (subject LIKE 'wrk\_%%')),
    CONSTRAINT ck_fingerprints_content CHECK (content IS NULL OR claim IS NOT NULL),
    CONSTRAINT fk_fingerprints_claim_claims FOREIGN KEY(claim) REFERENCES claims (work)
);

CREATE INDEX ix_fingerprints_keys ON fingerprints USING gin (keys);

CREATE INDEX ix_fingerprints_samples_sha256 ON fingerprints (samples_sha256);

CREATE TABLE postings (
    account BIGINT NOT NULL,
    entry BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    CONSTRAINT pk_postings PRIMARY KEY (account, entry),
    CONSTRAINT fk_postings_account_ledger_accounts FOREIGN KEY(account) REFERENCES ledger_accounts (id),
    CONSTRAINT fk_postings_entry_entries FOREIGN KEY(entry) REFERENCES entries (seq)
);

CREATE INDEX ix_postings_entry ON postings (entry);

CREATE TABLE streams (
    work TEXT NOT NULL,
    kind TEXT NOT NULL,
    asset TEXT NOT NULL,
    program TEXT NOT NULL,
    received BIGINT NOT NULL,
    CONSTRAINT pk_streams PRIMARY KEY (work, kind, asset),
    CONSTRAINT ck_streams_received CHECK (received >= 0),
    CONSTRAINT fk_streams_program_programs FOREIGN KEY(program) REFERENCES programs (id)
);

CREATE TABLE works (
    id TEXT NOT NULL,
    person TEXT NOT NULL,
    engine TEXT NOT NULL,
    params JSONB NOT NULL,
    seed BIGINT NOT NULL,
    source_blob TEXT,
    source_sha256 TEXT,
    price BIGINT NOT NULL,
    asset TEXT NOT NULL,
    platform_ppm INTEGER NOT NULL,
    compute BIGINT NOT NULL,
    idempotency_key TEXT NOT NULL,
    inputs_hash TEXT NOT NULL,
    state TEXT NOT NULL,
    stage TEXT NOT NULL,
    step INTEGER NOT NULL,
    "of" INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    losses INTEGER NOT NULL,
    lease_until TIMESTAMP WITH TIME ZONE,
    worker TEXT,
    cancel_requested BOOLEAN NOT NULL,
    reason TEXT,
    result_blob TEXT,
    map_blob TEXT,
    facts JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_works PRIMARY KEY (id),
    CONSTRAINT uq_works_person_idempotency_key UNIQUE (person, idempotency_key),
    CONSTRAINT fk_works_person_people FOREIGN KEY(person) REFERENCES people (id)
);

CREATE INDEX ix_works_leases ON works (lease_until) WHERE state = 'running';

CREATE INDEX ix_works_person ON works (person);

CREATE INDEX ix_works_queue ON works (engine, priority, id) WHERE state = 'queued';

CREATE TABLE processor_events (
    processor TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    charge TEXT NOT NULL,
    payload JSONB NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_processor_events PRIMARY KEY (processor, id),
    CONSTRAINT fk_processor_events_charge_charges FOREIGN KEY(charge) REFERENCES charges (id)
);

CREATE INDEX ix_processor_events_charge ON processor_events (charge);

CREATE TABLE styles (
    id TEXT NOT NULL,
    creator TEXT NOT NULL,
    name TEXT NOT NULL,
    medium TEXT NOT NULL,
    state TEXT NOT NULL,
    state_at TIMESTAMP WITH TIME ZONE NOT NULL,
    reason TEXT,
    epoch INTEGER NOT NULL,
    version INTEGER NOT NULL,
    consent TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_styles PRIMARY KEY (id),
    CONSTRAINT ck_styles_state CHECK (state IN ('draft', 'listed', 'held', 'suspended', 'retired')),
    CONSTRAINT ck_styles_epoch CHECK (epoch >= 0),
    CONSTRAINT fk_styles_creator_creators FOREIGN KEY(creator) REFERENCES creators (id)
);

CREATE INDEX ix_styles_creator ON styles (creator);

CREATE TABLE assets (
    id TEXT NOT NULL,
    style TEXT NOT NULL,
    creator TEXT NOT NULL,
    title TEXT NOT NULL,
    state TEXT NOT NULL,
    merged_into TEXT,
    samples_sha256 TEXT NOT NULL,
    blob TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    retired_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_assets PRIMARY KEY (id),
    CONSTRAINT ck_assets_state CHECK (state IN ('live', 'merged', 'held', 'retired')),
    CONSTRAINT ck_assets_merged_into CHECK ((state = 'merged') = (merged_into IS NOT NULL)),
    CONSTRAINT fk_assets_style_styles FOREIGN KEY(style) REFERENCES styles (id),
    CONSTRAINT fk_assets_creator_creators FOREIGN KEY(creator) REFERENCES creators (id),
    CONSTRAINT fk_assets_merged_into_assets FOREIGN KEY(merged_into) REFERENCES assets (id)
);

CREATE INDEX ix_assets_creator ON assets (creator);

CREATE INDEX ix_assets_samples_sha256 ON assets (samples_sha256);

CREATE INDEX ix_assets_style ON assets (style);

CREATE UNIQUE INDEX ux_assets_live ON assets (samples_sha256) WHERE state = 'live';

CREATE TABLE consents (
    id TEXT NOT NULL,
    creator TEXT NOT NULL,
    style TEXT NOT NULL,
    document JSONB NOT NULL,
    hash TEXT NOT NULL,
    declared_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    withdrawn_at TIMESTAMP WITH TIME ZONE,
    reason TEXT,
    CONSTRAINT pk_consents PRIMARY KEY (id),
    CONSTRAINT fk_consents_creator_creators FOREIGN KEY(creator) REFERENCES creators (id),
    CONSTRAINT fk_consents_style_styles FOREIGN KEY(style) REFERENCES styles (id)
);

CREATE INDEX ix_consents_creator ON consents (creator);

CREATE INDEX ix_consents_style ON consents (style);

CREATE TABLE offers (
    id TEXT NOT NULL,
    style TEXT NOT NULL,
    number INTEGER NOT NULL,
    terms JSONB NOT NULL,
    terms_hash TEXT NOT NULL,
    deed_hash TEXT NOT NULL,
    published_at TIMESTAMP WITH TIME ZONE NOT NULL,
    closed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_offers PRIMARY KEY (id),
    CONSTRAINT uq_offers_style_number UNIQUE (style, number),
    CONSTRAINT fk_offers_style_styles FOREIGN KEY(style) REFERENCES styles (id)
);

CREATE UNIQUE INDEX ux_offers_open ON offers (style) WHERE closed_at IS NULL;

CREATE TABLE preparations (
    style TEXT NOT NULL,
    engine TEXT NOT NULL,
    inputs_hash TEXT NOT NULL,
    blob TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_preparations PRIMARY KEY (style, engine, inputs_hash),
    CONSTRAINT fk_preparations_style_styles FOREIGN KEY(style) REFERENCES styles (id)
);

CREATE TABLE licenses (
    id TEXT NOT NULL,
    offer TEXT NOT NULL,
    style TEXT NOT NULL,
    licensor TEXT NOT NULL,
    licensee TEXT NOT NULL,
    terms JSONB NOT NULL,
    terms_hash TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    state TEXT NOT NULL,
    granted_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    reason TEXT,
    used INTEGER NOT NULL,
    CONSTRAINT pk_licenses PRIMARY KEY (id),
    CONSTRAINT uq_licenses_offer_licensee UNIQUE (offer, licensee),
    CONSTRAINT ck_licenses_state CHECK (state IN ('active', 'revoked')),
    CONSTRAINT ck_licenses_revoked_at CHECK ((state = 'revoked') = (revoked_at IS NOT NULL)),
    CONSTRAINT ck_licenses_used CHECK (used >= 0),
    CONSTRAINT fk_licenses_offer_offers FOREIGN KEY(offer) REFERENCES offers (id),
    CONSTRAINT fk_licenses_style_styles FOREIGN KEY(style) REFERENCES styles (id),
    CONSTRAINT fk_licenses_licensor_creators FOREIGN KEY(licensor) REFERENCES creators (id),
    CONSTRAINT fk_licenses_licensee_people FOREIGN KEY(licensee) REFERENCES people (id)
);

CREATE INDEX ix_licenses_licensee ON licenses (licensee);

CREATE INDEX ix_licenses_licensor ON licenses (licensor);

CREATE INDEX ix_licenses_style ON licenses (style);

CREATE TABLE work_licenses (
    work TEXT NOT NULL,
    position INTEGER NOT NULL,
    license TEXT NOT NULL,
    style TEXT NOT NULL,
    weight INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    style_epoch INTEGER NOT NULL,
    CONSTRAINT pk_work_licenses PRIMARY KEY (work, position),
    CONSTRAINT fk_work_licenses_work_works FOREIGN KEY(work) REFERENCES works (id),
    CONSTRAINT fk_work_licenses_license_licenses FOREIGN KEY(license) REFERENCES licenses (id),
    CONSTRAINT fk_work_licenses_style_styles FOREIGN KEY(style) REFERENCES styles (id)
);

CREATE INDEX ix_work_licenses_license ON work_licenses (license);

ALTER TABLE styles ADD CONSTRAINT fk_styles_consent_consents FOREIGN KEY(consent) REFERENCES consents (id);
