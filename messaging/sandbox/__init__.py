"""The sandbox: a server on loopback that answers as Twilio does, with phones one can look at.

A tool for development and for training partners. Nothing it takes ever reaches a real network. It
knows neither Django nor Waymark's database: it speaks HTTP and keeps a ledger in its own file.

It leaves out Twilio's own opt-out list (but for one number), prices, media and message scheduling.
"""
