"""Who registered which style, with which assets and consent."""
