-- A usage report whose file is lost ends, and says why.

ALTER TABLE usage_reports ADD COLUMN reason TEXT;
ALTER TABLE usage_reports DROP CONSTRAINT ck_usage_reports_state;
ALTER TABLE usage_reports ADD CONSTRAINT ck_usage_reports_state CHECK (state IN ('taking', 'done', 'failed'));
ALTER TABLE usage_reports ADD CONSTRAINT ck_usage_reports_reason CHECK ((reason IS NOT NULL) = (state = 'failed'));
