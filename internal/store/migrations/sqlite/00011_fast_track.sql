-- The fast track of a RCP: the référentiels a team keeps, what is registered
-- under one without discussion, and the sample of it that is read over.

-- +goose Up
CREATE TABLE reference (
  id text PRIMARY KEY,
  org text NOT NULL REFERENCES org(id),
  team text NOT NULL REFERENCES team(id),
  name text NOT NULL CHECK (name <> ''),
  version text NOT NULL CHECK (version <> ''),
  day text NOT NULL,              -- of the version
  source text NOT NULL,           -- where it is read
  created timestamp NOT NULL,
  retired timestamp,            -- no longer taken; never changed, never removed
  UNIQUE (team, name, version)
);

-- What stands on the sheet of a line registered without discussion; it stays
-- when a member pulls the line back.
CREATE TABLE registration (
  case_id text PRIMARY KEY REFERENCES agenda_item(id),
  reference text NOT NULL REFERENCES reference(id),
  proposition text NOT NULL CHECK (proposition <> ''),
  next_review text,
  by_name text NOT NULL,
  at timestamp NOT NULL,
  read_out timestamp,           -- in the meeting
  pulled_by text REFERENCES professional(id),
  pulled_name text NOT NULL,
  pulled_why text NOT NULL,
  pulled_at timestamp
);

-- A standard case of signed minutes; drawn: in the sample to read over.
CREATE TABLE standard_case (
  case_id text PRIMARY KEY REFERENCES agenda_item(id),
  org text NOT NULL REFERENCES org(id),
  team text NOT NULL REFERENCES team(id),
  meeting text NOT NULL REFERENCES meeting(id),
  minutes text NOT NULL REFERENCES minutes(id),
  patient text NOT NULL REFERENCES patient(id),
  quarter text NOT NULL,          -- of the signature: 2026-4
  drawn boolean NOT NULL,
  verdict text NOT NULL CHECK (verdict IN ('', 'conforming', 'discuss')),
  comment text NOT NULL,
  judged_by text REFERENCES professional(id),
  judged_name text NOT NULL,
  judged_at timestamp
);
CREATE INDEX standard_case_team ON standard_case (team, quarter);

-- The share of standard cases that is drawn, in hundredths.
ALTER TABLE team ADD COLUMN audit_share integer NOT NULL DEFAULT 10 CHECK (audit_share BETWEEN 1 AND 100);

-- +goose Down
ALTER TABLE team DROP COLUMN audit_share;
DROP TABLE standard_case; DROP TABLE registration; DROP TABLE reference;
