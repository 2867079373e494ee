"""People and how they show who they are: accounts, sessions, API keys, and the end of an account."""
