"""Numbers over conversations: measures, charts and the tables they give."""
