"""The web page: a Gradio interface, and plain routes for sound and for a quote's own address."""
