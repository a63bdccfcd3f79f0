"""An archive of every conversation a company has had with its customers."""
