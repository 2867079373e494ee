"""The house engines. Each one learns only from licensed assets and sees no session, user or money."""
