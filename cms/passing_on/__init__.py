"""A route that leaves the network: kept on a phone, passed on as one file, printed as a leaflet."""
