"""Indexes that answer scoped requests; one folder is one engine."""
