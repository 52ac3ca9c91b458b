"""How well questions find their answers: rankings, quotes and abstentions measured on real questions."""
