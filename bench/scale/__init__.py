"""How large a library may grow: the cost of questions, opening and ingestion, compared with the engines alone."""
