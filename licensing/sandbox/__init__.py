"""The sandbox: made-up works of every standing, to try a platform's code on; it reads and writes no real thing."""
