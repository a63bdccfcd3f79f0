"""The catalogue of events that must leave a trace."""
