"""Makes a work under a license, with an engine."""
