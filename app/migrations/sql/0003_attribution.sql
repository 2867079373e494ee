-- Landmarks are computed from a fingerprint's sheet: beside it, because a fingerprint stays as it was recorded.

CREATE TABLE landmarks (
    subject TEXT NOT NULL,
    landmarks BYTEA NOT NULL,
    words INTEGER[] NOT NULL,
    CONSTRAINT pk_landmarks PRIMARY KEY (subject)
);

CREATE INDEX ix_landmarks_words ON landmarks USING gin (words);
