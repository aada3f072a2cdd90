"""The schedules: one file, one frozen class each; found by name."""
