"""A layer between its passes: jobs, what they wait for, and what crosses the DRAM link."""
