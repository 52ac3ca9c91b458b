"""What people keep: quotes in collections, and questions that are asked again."""
