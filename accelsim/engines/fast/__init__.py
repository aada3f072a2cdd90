"""The machine as max-plus recurrences: the same cycles as the reference engine, thousands of times faster."""
