"""``python app.py``: open the knowledge base and serve its page; ``kb serve`` is the same with options."""

from kb.cli import main

if __name__ == "__main__":
    main(["serve", "--open"])
