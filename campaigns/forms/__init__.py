"""Forms of the desk: what was typed, read and judged. The verbs are in the other rooms."""
