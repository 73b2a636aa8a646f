-- Documents added to a case while it is prepared. The bytes are in a folder, by
-- hash; a row says whose they are and whether they were analysed.

-- +goose Up
CREATE TABLE paper (
  id text PRIMARY KEY,
  org text NOT NULL REFERENCES org(id),
  team text NOT NULL REFERENCES team(id),
  case_id text NOT NULL REFERENCES agenda_item(id),
  patient text NOT NULL REFERENCES patient(id),
  n integer NOT NULL,             -- from 1 in its case, removed ones too: document-1.pdf
  title text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('pdf', 'png', 'jpeg')),
  size bigint NOT NULL,
  sha256 text NOT NULL,
  by_id text REFERENCES professional(id),
  by_name text NOT NULL,
  at timestamptz NOT NULL,
  status text NOT NULL CHECK (status IN ('checking', 'unscanned', 'clean', 'refused')),
  judged timestamptz,             -- when the virus scanner answered
  removed timestamptz,
  removed_by text NOT NULL,
  version integer NOT NULL,
  UNIQUE (case_id, n),
  UNIQUE (case_id, sha256)
);
CREATE INDEX paper_patient ON paper (patient, team);
CREATE INDEX paper_waiting ON paper (at) WHERE status IN ('checking', 'unscanned');

-- +goose Down
DROP TABLE paper;
