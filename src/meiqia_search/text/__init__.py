"""Where text becomes comparable: normalising, segmenting, highlighting."""
