-- Why a turn is an advertisement, in a sentence. Turns of before say nothing of it; a remark may be of the kind
-- 'inserted' now: sound that only this copy of a recording has.
ALTER TABLE turns ADD COLUMN advert TEXT;
CREATE INDEX turns_adverts ON turns (episode_id) WHERE advert IS NOT NULL;
