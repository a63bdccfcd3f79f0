"""What a question means, and how it is written, carried and said in words."""
