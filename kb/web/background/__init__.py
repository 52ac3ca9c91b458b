"""The server's background work: adding files, checking feeds, receiving uploads."""
