"""How large a library may grow: what questions, opening and taking in cost, beside the engines alone."""
