-- How long signed minutes are kept, and who is under legal hold.

-- +goose Up
CREATE TABLE retention_class (    -- those shipped stand here once changed
  org text NOT NULL REFERENCES org(id),
  key text NOT NULL,
  name text NOT NULL,
  years integer NOT NULL CHECK (years > 0),
  until_age integer NOT NULL,     -- 0: no such rule
  after_death integer NOT NULL,   -- years; 0: no such rule
  counts_from text NOT NULL CHECK (counts_from IN ('last-seen', 'signature')),
  source text NOT NULL,
  version integer NOT NULL,
  PRIMARY KEY (org, key)
);

CREATE TABLE retention_team (
  team text PRIMARY KEY REFERENCES team(id),
  org text NOT NULL REFERENCES org(id),
  class text NOT NULL             -- key of a class
);

CREATE TABLE legal_hold (
  id text PRIMARY KEY,
  org text NOT NULL REFERENCES org(id),
  patient text NOT NULL REFERENCES patient(id),
  reason text NOT NULL,
  since timestamptz NOT NULL,
  by_id text REFERENCES professional(id),
  by_name text NOT NULL,
  lifted timestamptz,
  lifted_by text NOT NULL,
  lifted_why text NOT NULL
);
CREATE UNIQUE INDEX legal_hold_one ON legal_hold (patient) WHERE lifted IS NULL;
CREATE INDEX legal_hold_org ON legal_hold (org, since);

-- +goose Down
DROP TABLE legal_hold; DROP TABLE retention_team; DROP TABLE retention_class;
