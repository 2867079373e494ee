-- What someone told us a work earned: written down once under the reporter's own key and reference, and never changed.

CREATE TABLE reports (
    id TEXT NOT NULL,
    reporter TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    reference TEXT NOT NULL,
    work TEXT NOT NULL,
    amount BIGINT NOT NULL,
    asset TEXT NOT NULL,
    entry TEXT NOT NULL,
    processor TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_reports PRIMARY KEY (id),
    CONSTRAINT uq_reports_reporter_idempotency_key UNIQUE (reporter, idempotency_key),
    CONSTRAINT uq_reports_reporter_reference UNIQUE (reporter, reference),
    CONSTRAINT ck_reports_amount CHECK (amount > 0),
    CONSTRAINT fk_reports_reporter_people FOREIGN KEY (reporter) REFERENCES people (id),
    CONSTRAINT fk_reports_work_claims FOREIGN KEY (work) REFERENCES claims (work),
    CONSTRAINT fk_reports_entry_entries FOREIGN KEY (entry) REFERENCES entries (id)
);

CREATE TRIGGER only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON reports EXECUTE FUNCTION only_added();
