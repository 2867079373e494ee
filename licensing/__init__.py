"""Who may do what with a style, on which terms: answers "may I?" for people, jobs and platforms."""
