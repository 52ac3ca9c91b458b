"""What people save: quotes in collections, and questions."""
