-- A sandbox key answers from made-up works, at the time that its owner has set.
ALTER TABLE api_keys
    ADD COLUMN sandbox BOOLEAN DEFAULT false NOT NULL,
    ADD COLUMN sandbox_at TIMESTAMP WITH TIME ZONE,
    ADD CONSTRAINT ck_api_keys_sandbox CHECK (sandbox OR sandbox_at IS NULL);
