"""The SQL, and nothing else, lives here."""
