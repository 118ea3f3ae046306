"""Who may see and do what: roles, accounts with passwords, sessions, lock-out."""
