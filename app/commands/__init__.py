"""The commands of `homage`, one module a subject. Heavy libraries are loaded inside the command that needs them."""
