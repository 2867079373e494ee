"""Plain functions that make the people and things a test needs, through the same nouns as everyone."""
