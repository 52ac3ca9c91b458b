"""The application that serves the pages: access, content security policy, and the frame of all pages."""
