"""Inbox to record to index."""
