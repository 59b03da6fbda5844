"""Recordings of small runs: what a change of the code leaves as it is, to the bit and to the word."""
