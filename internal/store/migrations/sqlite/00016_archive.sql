-- A team's year of signed minutes, asked for as a package and made in the
-- background; the row waits until a process has made it.

-- +goose Up
CREATE TABLE handover (
  id text PRIMARY KEY,
  org text NOT NULL REFERENCES org(id),
  team text NOT NULL REFERENCES team(id),
  year integer NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'ready', 'failed')),
  done integer NOT NULL CHECK (done >= 0),
  total integer NOT NULL CHECK (total >= done),
  asked_by text REFERENCES professional(id),
  asked_name text NOT NULL,
  asked timestamp NOT NULL,
  began timestamp,
  finished timestamp,
  UNIQUE (team, year)
);

-- +goose Down
DROP TABLE handover;
