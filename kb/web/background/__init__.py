"""What the server does behind the pages: taking files in, looking at feeds, receiving uploads."""
