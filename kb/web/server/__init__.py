"""The application that serves the pages: who may ask, what a page may load, and the frame of all pages."""
