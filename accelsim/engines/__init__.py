"""Two engines that give a program time: SimPy for trust, compiled recurrences for speed."""
