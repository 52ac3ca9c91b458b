"""Who may do what on a server for many people: passwords, sessions, tokens, and a rule for every route."""
