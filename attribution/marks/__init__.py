"""Watermarks: a work's number, hidden in its picture or recording and read back without the original."""
