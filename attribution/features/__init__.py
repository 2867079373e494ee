"""What works are found by after people changed their files, and the tables it is looked up in."""
