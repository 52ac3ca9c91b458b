"""Documents that more than one test reads."""

BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">'
    + b"".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">'.encode() for n in range(12))
    + b']><rss version="2.0"><channel><title>T&m;</title><item><title>x</title></item></channel></rss>'
)

OPML = b"""<?xml version="1.0" encoding="UTF-8"?><opml version="2.0"><head><title>Mine</title></head><body>
<outline text="News"><outline type="rss" text="One" title="The One" xmlUrl="https://example.com/1"/>
<outline type="rss" text="Two" xmlurl="feed://example.com/2"/></outline><outline text="Page" htmlUrl="https://example.com"/>
<outline text="Twice" xmlUrl="https://example.com/1"/><outline text="x" xmlUrl="file:///etc/passwd"/></body></opml>"""

URL = "https://example.com/show/feed.xml"
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:podcast="https://podcastindex.org/namespace/1.0"'
    ' xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:psc="http://podlove.org/simple-chapters" xmlns:media="http://search.yahoo.com/mrss/">'
    "<channel><title>All Things</title><language>en_US</language>"
)
TAIL = "</channel></rss>"


def rss(*items: str, channel: str = "") -> bytes:
    return (HEAD + channel + "".join(f"<item>{item}</item>" for item in items) + TAIL).encode()
