"""The engine for several machines: one index per month of conversation start, read through an alias."""
