"""Usage reports in bulk: what many works were used for, and earned, line by line from one file."""
