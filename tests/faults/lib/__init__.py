"""What the faults are made with: a portal, a PostgreSQL, a mail server, clients, and load."""
