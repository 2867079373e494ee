"""Snapshots: what a house knows of all works, in one signed file that answers without a call home."""
