"""What is fast and what is not, measured as ratios inside one run: `make bench`."""
