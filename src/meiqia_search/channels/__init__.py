"""Each foreign format becomes a Conversation."""
