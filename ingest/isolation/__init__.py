"""Untrusted files parsed and decoded in a child process with limits of memory and time."""
