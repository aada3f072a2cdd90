"""What row stationary is made of: its rules, and the space of its choices."""
