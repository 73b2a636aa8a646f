-- Protocols of the teams, versioned; the plan made from one says so; ticks of
-- their checklists.

-- +goose Up
CREATE TABLE protocol (
  id text PRIMARY KEY,
  org text NOT NULL REFERENCES org(id),
  team text NOT NULL REFERENCES team(id),
  shipped text NOT NULL,          -- key of the shipped one it was adopted from; '' when the team wrote it
  version integer NOT NULL,       -- the current one
  archived boolean NOT NULL,
  created timestamp NOT NULL
);
CREATE INDEX protocol_team ON protocol (team);
CREATE UNIQUE INDEX protocol_adopted ON protocol (team, shipped) WHERE shipped <> '';

CREATE TABLE protocol_version (   -- a row is never changed
  protocol text NOT NULL REFERENCES protocol(id),
  version integer NOT NULL,
  content text NOT NULL,          -- JSON protocol.Protocol
  what text NOT NULL,             -- what changes and why, in the author's words
  saved timestamp NOT NULL,
  saved_by text REFERENCES professional(id),
  saved_by_name text NOT NULL,
  PRIMARY KEY (protocol, version)
);

ALTER TABLE plan ADD COLUMN protocol text REFERENCES protocol(id);
ALTER TABLE plan ADD COLUMN protocol_version integer NOT NULL DEFAULT 0;

CREATE TABLE case_check (
  case_id text NOT NULL REFERENCES agenda_item(id),
  line text NOT NULL,             -- of the protocol's checklist
  by_name text NOT NULL,
  at timestamp NOT NULL,
  PRIMARY KEY (case_id, line)
);

-- +goose Down
DROP TABLE case_check;
ALTER TABLE plan DROP COLUMN protocol_version; ALTER TABLE plan DROP COLUMN protocol;
DROP TABLE protocol_version; DROP TABLE protocol;
