"""Facts, contact points and messages as a spreadsheet: out as rows, back in as drafts."""
