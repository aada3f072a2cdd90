"""One run: what its file means, its settings, and what it found."""
