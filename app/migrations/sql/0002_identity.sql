-- Accounts, sessions, keys and mail; and the end of an account.

CREATE TABLE accounts (
    person TEXT NOT NULL,
    email TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    staff BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_accounts PRIMARY KEY (person),
    CONSTRAINT uq_accounts_email UNIQUE (email),
    CONSTRAINT fk_accounts_person_people FOREIGN KEY (person) REFERENCES people (id)
);

CREATE TABLE sign_ups (
    token_hash TEXT NOT NULL,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    browser_hash TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_sign_ups PRIMARY KEY (token_hash)
);

CREATE INDEX ix_sign_ups_email ON sign_ups (email);

CREATE TABLE resets (
    token_hash TEXT NOT NULL,
    person TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_resets PRIMARY KEY (token_hash),
    CONSTRAINT fk_resets_person_accounts FOREIGN KEY (person) REFERENCES accounts (person) ON DELETE CASCADE
);

CREATE INDEX ix_resets_person ON resets (person);

CREATE TABLE sessions (
    id TEXT NOT NULL,
    person TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    agent TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_sessions PRIMARY KEY (id),
    CONSTRAINT uq_sessions_token_hash UNIQUE (token_hash),
    CONSTRAINT fk_sessions_person_accounts FOREIGN KEY (person) REFERENCES accounts (person) ON DELETE CASCADE
);

CREATE INDEX ix_sessions_person ON sessions (person);

CREATE TABLE api_keys (
    id TEXT NOT NULL,
    person TEXT NOT NULL,
    name TEXT NOT NULL,
    prefix TEXT NOT NULL,
    key_hash TEXT NOT NULL,
    scopes TEXT[] NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_api_keys PRIMARY KEY (id),
    CONSTRAINT uq_api_keys_key_hash UNIQUE (key_hash),
    CONSTRAINT fk_api_keys_person_accounts FOREIGN KEY (person) REFERENCES accounts (person) ON DELETE CASCADE
);

CREATE INDEX ix_api_keys_person ON api_keys (person);

CREATE TABLE attempts (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    who TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_attempts PRIMARY KEY (id)
);

CREATE INDEX ix_attempts_who_at ON attempts (who, at);

CREATE INDEX ix_attempts_at ON attempts (at);

CREATE TABLE messages (
    id TEXT NOT NULL,
    "to" TEXT NOT NULL,
    subject TEXT NOT NULL,
    text TEXT NOT NULL,
    link TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    failure TEXT,
    CONSTRAINT pk_messages PRIMARY KEY (id)
);

CREATE INDEX ix_messages_to ON messages ("to");

CREATE INDEX ix_messages_created_at ON messages (created_at);

ALTER TABLE people ADD COLUMN erased_at TIMESTAMP WITH TIME ZONE;

-- A fingerprint stays as recorded, but for the small picture of a fan's photograph, which can be taken out for good.
ALTER TABLE fingerprints
    ADD COLUMN forgotten BOOLEAN NOT NULL DEFAULT FALSE,
    ADD CONSTRAINT ck_fingerprints_forgotten CHECK (NOT forgotten OR content IS NULL);

ALTER TABLE fingerprints ALTER COLUMN forgotten DROP DEFAULT;

CREATE OR REPLACE FUNCTION fingerprints_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.forgotten AND OLD.content IS NOT NULL
        AND to_jsonb(NEW) - '{content,forgotten}'::text[] = to_jsonb(OLD) - '{content,forgotten}'::text[] THEN
        RETURN NEW;
    END IF;
    RAISE restrict_violation USING MESSAGE = 'the fingerprint of ' || OLD.subject || ' stays as recorded';
END $$;
