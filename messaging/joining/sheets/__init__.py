"""A partner's list as a file: made for her, read back, judged line by line. Writes no table.

`marks` says whose a sheet is; `blank` makes empty ones; `files`, `texts` and `workbooks` read any
bytes as lines; `columns` finds the columns; `judging` gives each line its verdict.
"""
