"""Going out: a broadcast is launched, its first few are judged, its fate is shown. Approves nothing."""
