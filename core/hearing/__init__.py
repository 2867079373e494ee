"""What is heard in a recording of a voice, every 10 ms: pitch, timbre, level; and whether it is one, and no copy."""
