"""Transcription on a Ray cluster: workers transcribe, only the driver writes.

``connection`` is the only module that knows Ray, ``worker`` is what runs on the cluster's machines, ``transcriber``
sends recordings there, keeps each finished block as it comes and sends what is left again when a worker dies.
"""
