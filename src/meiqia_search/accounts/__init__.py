"""People, signing in, sessions and throttling."""
