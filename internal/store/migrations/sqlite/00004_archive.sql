-- The archive: what the decisions of signed minutes are found by. A row per
-- case of each meeting's latest version, made from the signed text alone: it
-- can be made again at any time (store.index).

-- +goose Up
CREATE TABLE decided (
  -- +own key: INTEGER makes it the rowid of SQLite
  n integer PRIMARY KEY,          -- orders by the hour of the meeting (store.position)
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
-- The ascii tokenizer parts at spaces what is folded already, and keeps marks whole.
CREATE VIRTUAL TABLE decided_words USING fts5(words, content = 'decided', content_rowid = 'n', detail = none, prefix = '1 2 3',
  tokenize = 'ascii');
-- +goose StatementBegin
CREATE TRIGGER decided_put AFTER INSERT ON decided BEGIN
  INSERT INTO decided_words (rowid, words) VALUES (new.n, new.words);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER decided_taken AFTER DELETE ON decided BEGIN
  INSERT INTO decided_words (decided_words, rowid, words) VALUES ('delete', old.n, old.words);
END;
-- +goose StatementEnd
-- Every word there is: a beginning is looked for as the words it stands for,
-- whose lists are read from the newest case on; as a beginning, as a whole.
CREATE TABLE decided_vocabulary (word text PRIMARY KEY) WITHOUT ROWID;
-- +own end

-- +goose Down
-- +own full text
DROP TABLE decided_vocabulary; DROP TABLE decided_words;
-- +own end
DROP TABLE decided_of; DROP TABLE decided;
