"""Words everyone speaks: money, ids, time, errors, database, jobs, blobs, media."""
