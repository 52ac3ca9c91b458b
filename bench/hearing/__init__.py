"""How well recordings are heard: ours beside the bare engines."""
