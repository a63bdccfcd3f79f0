"""Pages for people and a JSON interface for programs."""
