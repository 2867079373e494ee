"""The index that grows: immutable mapped files of what is in Postgres, and the newest rows in memory."""
