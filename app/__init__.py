"""Doors to the world, and the one place where everything is put together."""
