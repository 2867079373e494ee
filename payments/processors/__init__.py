"""Adapters to those who move money outside the house; only `app` knows which one there is."""
