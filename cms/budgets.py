"""How much a reader is asked to load, in bytes: every budget of the readers' side, in this one place.

It imports nothing, so that forms, views and tests hold to the same figures.
"""

# What goes over the wire before a page is painted: the page with its style and its headers,
# compressed. The first flight of packets of a new connection holds no more.
FIRST_PAINT = 14_336
REQUESTS_TO_PAINT = 1

# A whole page without recordings, and its pictures only where they are scrolled to.
COMPLETE = 30_720
REQUESTS = 3

# Of all stories on one page, their words before they are compressed: those that do not fit are led to.
STORIES_IN_A_LIST = 9_000

# The readers' script, compressed like a page.
SCRIPT = 3_072

# A route as one file, for a memory card or Bluetooth.
SINGLE_FILE = 153_600

# A picture as readers get it, and the box and quality it is drawn in for them.
PICTURE = 20_480
PICTURE_BOX = (360, 480)
PICTURE_QUALITY = 45

# A recording: what a voice needs in Opus.
AUDIO_BITS_PER_SECOND = 24_000
# Opus is of variable rate, and its container weighs something.
AUDIO_TOLERANCE = 1.1
