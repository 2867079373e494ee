-- Usage reports: files of lines, each taken once by the reporter's own id; what names no known work is held.

CREATE TABLE usage_reports (
    id TEXT NOT NULL,
    reporter TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    form TEXT NOT NULL,
    columns TEXT[] NOT NULL,
    sha256 TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    processor TEXT NOT NULL,
    state TEXT NOT NULL,
    place BIGINT NOT NULL,
    number INTEGER NOT NULL,
    batches INTEGER NOT NULL,
    lines INTEGER NOT NULL,
    taken INTEGER NOT NULL,
    duplicates INTEGER NOT NULL,
    held INTEGER NOT NULL,
    faulty INTEGER NOT NULL,
    flagged INTEGER NOT NULL,
    earned BIGINT NOT NULL,
    waiting BIGINT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    moved_at TIMESTAMP WITH TIME ZONE NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_usage_reports PRIMARY KEY (id),
    CONSTRAINT uq_usage_reports_reporter_idempotency_key UNIQUE (reporter, idempotency_key),
    CONSTRAINT ck_usage_reports_state CHECK (state IN ('taking', 'done')),
    CONSTRAINT ck_usage_reports_form CHECK (form IN ('csv', 'ndjson')),
    CONSTRAINT ck_usage_reports_lines CHECK (lines = taken + duplicates + held + faulty),
    CONSTRAINT ck_usage_reports_counts CHECK (least(taken, duplicates, held, faulty, flagged, earned, waiting) >= 0),
    CONSTRAINT fk_usage_reports_reporter_people FOREIGN KEY(reporter) REFERENCES people (id)
);
CREATE INDEX ix_usage_reports_taking ON usage_reports (moved_at) WHERE state = 'taking';

CREATE TABLE usage_lines (
    report TEXT NOT NULL,
    number INTEGER NOT NULL,
    reporter TEXT NOT NULL,
    line_id TEXT NOT NULL,
    digest BYTEA NOT NULL,
    reference TEXT NOT NULL,
    work TEXT,
    use TEXT NOT NULL,
    medium TEXT,
    territory TEXT NOT NULL,
    first_on DATE NOT NULL,
    last_on DATE NOT NULL,
    quantity BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    batch INTEGER,
    CONSTRAINT pk_usage_lines PRIMARY KEY (report, number),
    CONSTRAINT uq_usage_lines_reporter_line_id UNIQUE (reporter, line_id),
    CONSTRAINT ck_usage_lines_counts CHECK (quantity >= 0 AND amount >= 0),
    CONSTRAINT ck_usage_lines_state CHECK (CASE state WHEN 'taken' THEN work IS NOT NULL AND batch IS NOT NULL WHEN 'held' THEN reason IS NOT NULL AND batch IS NULL ELSE false END)
);
CREATE INDEX ix_usage_lines_held ON usage_lines (reference, reporter, report, number) WHERE state = 'held';
CREATE INDEX ix_usage_lines_reasoned ON usage_lines (report, number) WHERE reason IS NOT NULL;

CREATE TABLE usage_faults (
    report TEXT NOT NULL,
    number INTEGER NOT NULL,
    field TEXT NOT NULL,
    text TEXT NOT NULL,
    raw BYTEA NOT NULL,
    CONSTRAINT pk_usage_faults PRIMARY KEY (report, number),
    CONSTRAINT fk_usage_faults_report_usage_reports FOREIGN KEY(report) REFERENCES usage_reports (id)
);

CREATE TABLE usage_totals (
    work TEXT NOT NULL,
    use TEXT NOT NULL,
    lines BIGINT NOT NULL,
    quantity BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    CONSTRAINT pk_usage_totals PRIMARY KEY (work, use),
    CONSTRAINT fk_usage_totals_work_claims FOREIGN KEY(work) REFERENCES claims (work)
);

CREATE TABLE usage_matches (
    id TEXT NOT NULL,
    reporter TEXT NOT NULL,
    reference TEXT NOT NULL,
    work TEXT NOT NULL,
    proposer TEXT NOT NULL,
    state TEXT NOT NULL,
    decider TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    decided_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_usage_matches PRIMARY KEY (id),
    CONSTRAINT uq_usage_matches_reporter_reference_work UNIQUE (reporter, reference, work),
    CONSTRAINT ck_usage_matches_state CHECK (state IN ('open', 'confirmed', 'refused')),
    CONSTRAINT ck_usage_matches_decided CHECK ((state = 'open') = (decided_at IS NULL)),
    CONSTRAINT fk_usage_matches_reporter_people FOREIGN KEY(reporter) REFERENCES people (id),
    CONSTRAINT fk_usage_matches_work_claims FOREIGN KEY(work) REFERENCES claims (work),
    CONSTRAINT fk_usage_matches_proposer_people FOREIGN KEY(proposer) REFERENCES people (id),
    CONSTRAINT fk_usage_matches_decider_people FOREIGN KEY(decider) REFERENCES people (id)
);
CREATE UNIQUE INDEX ix_usage_matches_confirmed ON usage_matches (reporter, reference) WHERE state = 'confirmed';
CREATE INDEX ix_usage_matches_proposer ON usage_matches (proposer);
