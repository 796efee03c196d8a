"""Who may see what: accounts, passwords, sessions, lock-out, and the log of it all."""
