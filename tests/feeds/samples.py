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
