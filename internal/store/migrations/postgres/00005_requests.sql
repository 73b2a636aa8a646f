-- Requests in ISBAR form, from inside and from outside by a link; what is late,
-- and what was answered.

-- +goose Up
ALTER TABLE request ADD COLUMN details text NOT NULL DEFAULT '{}';          -- JSON agenda.Details
ALTER TABLE request ADD COLUMN presenter text REFERENCES professional(id);  -- wished
ALTER TABLE request ADD COLUMN late_for text REFERENCES meeting(id);        -- whose registration was over when it was made
ALTER TABLE request ADD COLUMN answered timestamptz;                                 -- the minutes of its case were signed
ALTER TABLE event ADD COLUMN request text NOT NULL DEFAULT '';
CREATE INDEX request_case ON request (case_id) WHERE case_id IS NOT NULL;

-- An address that a team gives to professionals outside it. The token in it is
-- signed and not kept.
CREATE TABLE outside_link (
  id text PRIMARY KEY,
  org text NOT NULL REFERENCES org(id),
  team text NOT NULL REFERENCES team(id),
  label text NOT NULL,            -- to whom it was given
  created timestamptz NOT NULL,
  created_by text NOT NULL REFERENCES professional(id),
  expires timestamptz NOT NULL,
  revoked timestamptz,
  used integer NOT NULL DEFAULT 0 -- requests that came by it
);
CREATE INDEX outside_link_team ON outside_link (team, created);

-- A request that came by such an address, until somebody says of whom it is:
-- then there is a request of the same id.
CREATE TABLE outside_request (
  id text PRIMARY KEY,
  org text NOT NULL REFERENCES org(id),
  team text NOT NULL REFERENCES team(id),
  link text NOT NULL REFERENCES outside_link(id),
  content text NOT NULL,          -- JSON agenda.Outside: who asks, the identity as typed, the question
  urgency text NOT NULL CHECK (urgency IN ('routine', 'soon', 'urgent')),
  status text NOT NULL CHECK (status IN ('waiting', 'matched', 'refused')),
  why text NOT NULL DEFAULT '',   -- refused: coded, for the team alone
  late_for text REFERENCES meeting(id),
  origin text NOT NULL,           -- hash of the remote address, to count by
  lang text NOT NULL,
  at timestamptz NOT NULL,
  handled timestamptz,
  handled_by text NOT NULL DEFAULT '',
  version integer NOT NULL
);
CREATE INDEX outside_request_team ON outside_request (team, status, at);
CREATE INDEX outside_request_link ON outside_request (link, at);
CREATE INDEX outside_request_origin ON outside_request (origin, at);
-- Of the same day of birth: the identities that may be meant.
CREATE INDEX patient_birth ON patient (org, birth_date);

-- +goose Down
DROP INDEX patient_birth;
DROP TABLE outside_request; DROP TABLE outside_link;
DROP INDEX request_case;
ALTER TABLE event DROP COLUMN request; ALTER TABLE request DROP COLUMN answered;
ALTER TABLE request DROP COLUMN late_for; ALTER TABLE request DROP COLUMN presenter; ALTER TABLE request DROP COLUMN details;
