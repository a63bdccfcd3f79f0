"""Who may see what: principals, roles and the sealed scope."""
