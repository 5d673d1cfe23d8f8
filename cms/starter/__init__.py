"""The starter pack: dated, sourced content as data, and what reads and loads it."""
