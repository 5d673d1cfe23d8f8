"""The readers' side: pages for a cheap phone on a bad network, whole without a script or a cookie."""
