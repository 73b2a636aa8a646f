-- The archive: what the decisions of signed minutes are found by. A row per
-- case of each meeting's latest version, made from the signed text alone: it
-- can be made again at any time (store.index).

-- +goose Up
CREATE TABLE decided (
  -- +own key: INTEGER makes it the rowid of SQLite
  n bigint PRIMARY KEY,           -- orders by the hour of the meeting (store.position)
  -- +own end
  org text NOT NULL REFERENCES org(id),
  team text NOT NULL REFERENCES team(id),
  meeting text NOT NULL REFERENCES meeting(id),
  minutes text NOT NULL REFERENCES minutes(id),
  case_id text NOT NULL,
  patient text NOT NULL REFERENCES patient(id),
  day text NOT NULL,              -- of the meeting, where it took place
  name text NOT NULL,             -- of the patient, as the minutes say it
  text text NOT NULL,             -- as it was written, a part a line
  words text NOT NULL             -- folded, each once: words, and marks (store.marks)
);
CREATE INDEX decided_meeting ON decided (meeting);
CREATE INDEX decided_patient ON decided (patient);

-- Which version of a meeting's minutes stands in decided.
CREATE TABLE decided_of (
  meeting text PRIMARY KEY REFERENCES meeting(id),
  minutes text NOT NULL REFERENCES minutes(id)
);

-- +own full text: the databases differ in it
-- Not to_tsvector: its parser takes 3e5 for a number; words are apart already.
ALTER TABLE decided ADD COLUMN terms tsvector GENERATED ALWAYS AS (array_to_tsvector(string_to_array(words, ' '))) STORED;
CREATE INDEX decided_terms ON decided USING gin (terms);
-- +own end

-- +goose Down
-- +own full text
-- +own end
DROP TABLE decided_of; DROP TABLE decided;
