-- Meetings in everyone's own calendar: a series is one calendar object, what
-- each person was told of it is kept, and answers come back in.

-- +goose Up
ALTER TABLE professional ADD COLUMN aliases text NOT NULL DEFAULT '[]';     -- JSON array of other addresses they answer from
ALTER TABLE professional ADD COLUMN profile text NOT NULL DEFAULT '';       -- what their calendar needs: '', exchange, sabre
ALTER TABLE professional ADD COLUMN link_epoch integer NOT NULL DEFAULT 0;  -- raised to revoke every answer link

ALTER TABLE team ADD COLUMN reminders text NOT NULL DEFAULT '[5, 2]';       -- JSON array: days before, to those who have not answered

ALTER TABLE series ADD COLUMN freq text NOT NULL DEFAULT 'weekly';
ALTER TABLE series ADD COLUMN weekdays text NOT NULL DEFAULT '';            -- 1,4
ALTER TABLE series ADD COLUMN nth integer NOT NULL DEFAULT 0;               -- monthly: 1 to 4, -1 the last
ALTER TABLE series ADD COLUMN times integer NOT NULL DEFAULT 0;             -- ends after so many dates; 0: not by count
ALTER TABLE series ADD COLUMN on_closed text NOT NULL DEFAULT 'skip';       -- skip, before, after
ALTER TABLE series ADD COLUMN zone text NOT NULL DEFAULT '';                -- IANA; empty: the team's
ALTER TABLE series ADD COLUMN sequence integer NOT NULL DEFAULT 0;
ALTER TABLE series ADD COLUMN floor integer NOT NULL DEFAULT 0;             -- sequence of the last change of hour, rule or place
ALTER TABLE series ADD COLUMN horizon text;                                 -- last day whose meetings are made
ALTER TABLE series ADD COLUMN announced timestamp;                          -- members hold the series in their calendars
ALTER TABLE series ADD COLUMN root text NOT NULL DEFAULT '';                -- the series this one continues, through every split
ALTER TABLE series ADD COLUMN ended boolean NOT NULL DEFAULT false;         -- nothing is left of it

ALTER TABLE meeting ADD COLUMN original timestamp;                          -- RECURRENCE-ID in its series' object; NULL: an object of its own
ALTER TABLE meeting ADD COLUMN lapsed boolean NOT NULL DEFAULT false;     -- cancelled by its series, which can bring it back

ALTER TABLE event ADD COLUMN series text NOT NULL DEFAULT '';
CREATE INDEX event_team ON event (team, id);

ALTER TABLE attendance ADD COLUMN own boolean NOT NULL DEFAULT false;       -- answered for this date, not through the series
ALTER TABLE attendance ADD COLUMN answer_sequence bigint NOT NULL DEFAULT 0;
ALTER TABLE attendance ADD COLUMN answer_stamp timestamp;
ALTER TABLE attendance ADD COLUMN delegate text REFERENCES professional(id);       -- who comes instead
ALTER TABLE attendance ADD COLUMN delegated_by text REFERENCES professional(id);   -- instead of whom

CREATE TABLE series_answer (
  series text NOT NULL REFERENCES series(id),
  professional text NOT NULL REFERENCES professional(id),
  answer text NOT NULL,
  answered timestamp,
  origin text NOT NULL,
  comment text NOT NULL,
  sequence bigint NOT NULL,       -- what others send can be large
  stamp timestamp,
  PRIMARY KEY (series, professional)
);

-- What each person's calendar was last told of an object.
CREATE TABLE calendar_told (
  uid text NOT NULL,
  address text NOT NULL,          -- folded
  org text NOT NULL REFERENCES org(id),
  recipient text NOT NULL REFERENCES professional(id),
  view text NOT NULL,             -- JSON meetings.View; its Gone when taken back
  stamp timestamp NOT NULL,       -- DTSTAMP of the last message
  version integer NOT NULL,
  PRIMARY KEY (uid, address)
);

CREATE TABLE closure (
  id text PRIMARY KEY,
  org text NOT NULL REFERENCES org(id),
  team text REFERENCES team(id),  -- NULL: every team of the organisation
  from_day text NOT NULL,
  until_day text NOT NULL,
  name text NOT NULL
);
CREATE INDEX closure_org ON closure (org, from_day);

-- A mail that came to the organiser's mailbox, once.
CREATE TABLE inbound (
  id text PRIMARY KEY,
  org text NOT NULL REFERENCES org(id),
  team text NOT NULL,             -- empty: nobody knows whose
  digest text NOT NULL,           -- SHA-256 of the mail
  message_id text NOT NULL,
  sender text NOT NULL,
  at timestamp NOT NULL,          -- received
  status text NOT NULL CHECK (status IN ('applied', 'proposed', 'review', 'ignored', 'handled')),
  reason text NOT NULL,           -- a code, see notify/inbox
  meeting text NOT NULL,
  series text NOT NULL,
  professional text NOT NULL,     -- the attendee, when known
  reply text NOT NULL,            -- JSON meetings.Reply, what was understood
  raw bytea NOT NULL,
  handled_by text NOT NULL,
  handled_at timestamp,
  version integer NOT NULL,
  UNIQUE (org, digest)
);
CREATE INDEX inbound_list ON inbound (org, status, id);
CREATE INDEX inbound_message ON inbound (org, message_id);

-- Another time that somebody asked for (iTIP COUNTER).
CREATE TABLE proposal (
  id text PRIMARY KEY,
  org text NOT NULL REFERENCES org(id),
  team text NOT NULL REFERENCES team(id),
  meeting text NOT NULL REFERENCES meeting(id),
  professional text NOT NULL REFERENCES professional(id),
  inbound text NOT NULL REFERENCES inbound(id),
  starts timestamp NOT NULL,
  ends timestamp NOT NULL,
  comment text NOT NULL,
  at timestamp NOT NULL,
  status text NOT NULL CHECK (status IN ('waiting', 'accepted', 'refused')),
  reason text NOT NULL,           -- of a refusal
  decided timestamp,
  version integer NOT NULL
);
CREATE INDEX proposal_team ON proposal (team, status, at);

-- What one process at a time does, for as long as it says so again.
CREATE TABLE lease (
  name text PRIMARY KEY,
  holder text NOT NULL,
  until timestamp NOT NULL
);

-- Personal calendar addresses: feed and CalDAV.
CREATE TABLE calendar_link (
  hash text PRIMARY KEY,          -- of the secret in the address
  org text NOT NULL REFERENCES org(id),
  professional text NOT NULL REFERENCES professional(id),
  name text NOT NULL,
  created timestamp NOT NULL,
  seen timestamp,
  revoked timestamp
);
CREATE INDEX calendar_link_owner ON calendar_link (professional);

-- Secrets that every replica shares; RCP_SECRET replaces the generated one.
CREATE TABLE secret (
  name text PRIMARY KEY,
  value text NOT NULL
);

-- Those invited so far hold a meeting that was told before views were kept.
INSERT INTO calendar_told (uid, address, org, recipient, view, stamp, version)
SELECT m.uid, o.address, m.org, min(o.recipient), '{}', max(o.created), 1
FROM outbox o JOIN meeting m ON m.id = o.meeting
WHERE o.kind = 'invite' AND o.recipient <> '' AND m.status <> 'cancelled'
  AND EXISTS (SELECT 1 FROM attendance a WHERE a.meeting = m.id AND a.professional = o.recipient)
GROUP BY m.uid, o.address, m.org;

UPDATE series SET weekdays = CAST(weekday AS text), root = id, zone = (SELECT zone FROM team WHERE team.id = series.team);
ALTER TABLE series DROP COLUMN weekday;                                      -- weekdays says it

-- +goose Down
DROP TABLE secret; DROP TABLE calendar_link; DROP TABLE lease; DROP TABLE proposal; DROP TABLE inbound; DROP TABLE closure;
DROP TABLE calendar_told; DROP TABLE series_answer; DROP INDEX event_team;
ALTER TABLE attendance DROP COLUMN delegated_by; ALTER TABLE attendance DROP COLUMN delegate;
ALTER TABLE attendance DROP COLUMN answer_stamp; ALTER TABLE attendance DROP COLUMN answer_sequence; ALTER TABLE attendance DROP COLUMN own;
ALTER TABLE event DROP COLUMN series; ALTER TABLE meeting DROP COLUMN lapsed; ALTER TABLE meeting DROP COLUMN original;
ALTER TABLE series DROP COLUMN ended; ALTER TABLE series DROP COLUMN root; ALTER TABLE series DROP COLUMN announced;
ALTER TABLE series DROP COLUMN horizon; ALTER TABLE series DROP COLUMN floor; ALTER TABLE series DROP COLUMN sequence;
ALTER TABLE series DROP COLUMN zone; ALTER TABLE series DROP COLUMN on_closed; ALTER TABLE series DROP COLUMN times;
ALTER TABLE series DROP COLUMN nth; ALTER TABLE series ADD COLUMN weekday integer NOT NULL DEFAULT 0; ALTER TABLE series DROP COLUMN weekdays; ALTER TABLE series DROP COLUMN freq;
ALTER TABLE team DROP COLUMN reminders;
ALTER TABLE professional DROP COLUMN link_epoch; ALTER TABLE professional DROP COLUMN profile; ALTER TABLE professional DROP COLUMN aliases;
