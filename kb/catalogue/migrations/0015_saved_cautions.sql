-- What a reader had to mind about a quote when it was saved, such as a speaker who was only carried over: a JSON list.

ALTER TABLE saved_quotes ADD COLUMN cautions TEXT NOT NULL DEFAULT '[]';
