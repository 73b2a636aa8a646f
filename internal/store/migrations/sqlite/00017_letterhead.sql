-- What stands at the head of a team's minutes: its lines and its logo. A logo is
-- never changed nor deleted: signed minutes name it by its hash.

-- +goose Up
CREATE TABLE logo (
  org text NOT NULL REFERENCES org(id),
  sha256 text NOT NULL,
  width integer NOT NULL,         -- pixels
  height integer NOT NULL,
  -- +own bytes: the databases call them by two names
  png blob NOT NULL,
  -- +own end
  PRIMARY KEY (org, sha256)
);

CREATE TABLE letterhead (
  team text PRIMARY KEY REFERENCES team(id),
  org text NOT NULL REFERENCES org(id),
  lines text NOT NULL,            -- JSON array; empty: the organisation's
  logo text,
  version integer NOT NULL,
  FOREIGN KEY (org, logo) REFERENCES logo(org, sha256)
);

-- +goose Down
DROP TABLE letterhead; DROP TABLE logo;
