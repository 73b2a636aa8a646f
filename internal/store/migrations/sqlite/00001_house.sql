-- The house: organisations, people, care plans, meetings, agendas, decisions,
-- minutes, events, outbox and audit. The two databases' files differ only in
-- timestamptz (PostgreSQL) and timestamp (SQLite); a test holds them together.
-- Days are text (2026-11-26), which sorts and compares on both.

-- +goose Up
CREATE TABLE org (
  id text PRIMARY KEY,
  finess text NOT NULL,
  name text NOT NULL,
  letterhead text NOT NULL,       -- JSON array of lines
  secure_domains text NOT NULL,   -- JSON array of lower-case domains
  audit_seq bigint NOT NULL,      -- head of the audit chain
  audit_hash text NOT NULL,
  created timestamp NOT NULL
);

CREATE TABLE professional (
  id text PRIMARY KEY,
  org text NOT NULL REFERENCES org(id),
  family text NOT NULL,
  given text NOT NULL,
  title text NOT NULL,
  profession text NOT NULL,
  specialty text NOT NULL,
  rpps text NOT NULL,
  email text NOT NULL,
  version integer NOT NULL
);
CREATE UNIQUE INDEX professional_rpps ON professional (org, rpps) WHERE rpps <> '';
CREATE INDEX professional_name ON professional (org, family, given);

CREATE TABLE account (
  professional text PRIMARY KEY REFERENCES professional(id),
  org text NOT NULL REFERENCES org(id),
  email text NOT NULL UNIQUE,
  password_hash text NOT NULL,
  admin boolean NOT NULL,
  lang text NOT NULL,
  disabled boolean NOT NULL,
  created timestamp NOT NULL
);

CREATE TABLE session (
  token_hash text PRIMARY KEY,
  professional text NOT NULL REFERENCES professional(id),
  created timestamp NOT NULL,
  seen timestamp NOT NULL,
  expires timestamp NOT NULL,
  origin text NOT NULL
);
CREATE INDEX session_expires ON session (expires);

CREATE TABLE api_token (
  hash text PRIMARY KEY,
  professional text NOT NULL REFERENCES professional(id),
  name text NOT NULL,
  created timestamp NOT NULL,
  revoked timestamp
);

CREATE TABLE sign_in_failure (
  id text PRIMARY KEY,
  subject text NOT NULL,          -- hash of the login, or of the remote address
  at timestamp NOT NULL
);
CREATE INDEX sign_in_failure_subject ON sign_in_failure (subject, at);

CREATE TABLE team (
  id text PRIMARY KEY,
  org text NOT NULL REFERENCES org(id),
  name text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('synthese', 'rcp')),
  zone text NOT NULL,
  holiday_zone text NOT NULL,
  quorum text NOT NULL,           -- JSON meetings.QuorumRule
  case_minutes integer NOT NULL,
  review_interval integer NOT NULL,
  cutoff_hours integer NOT NULL,
  open_days integer NOT NULL,
  organizer_address text NOT NULL,
  version integer NOT NULL,
  created timestamp NOT NULL,
  updated timestamp NOT NULL,
  UNIQUE (org, name)
);

CREATE TABLE team_member (
  team text NOT NULL REFERENCES team(id),
  professional text NOT NULL REFERENCES professional(id),
  role text NOT NULL CHECK (role IN ('secretary', 'chair', 'clinician')),
  required boolean NOT NULL,
  joined text NOT NULL,
  left_on text,                   -- last day; NULL: still a member
  PRIMARY KEY (team, professional)
);
CREATE INDEX team_member_professional ON team_member (professional);

CREATE TABLE series (
  id text PRIMARY KEY,
  org text NOT NULL REFERENCES org(id),
  team text NOT NULL REFERENCES team(id),
  weekday integer NOT NULL CHECK (weekday BETWEEN 0 AND 6),
  start text NOT NULL,            -- local HH:MM
  minutes integer NOT NULL CHECK (minutes > 0),
  every_weeks integer NOT NULL CHECK (every_weeks > 0),
  from_day text NOT NULL,
  until_day text,
  room text NOT NULL,
  url text NOT NULL,
  version integer NOT NULL,
  created timestamp NOT NULL,
  updated timestamp NOT NULL
);
CREATE INDEX series_team ON series (team);

CREATE TABLE meeting (
  id text PRIMARY KEY,
  org text NOT NULL REFERENCES org(id),
  team text NOT NULL REFERENCES team(id),
  series text REFERENCES series(id),
  slot text NOT NULL,
  kind text NOT NULL,
  starts timestamp NOT NULL,
  ends timestamp NOT NULL,
  zone text NOT NULL,
  room text NOT NULL,
  url text NOT NULL,
  status text NOT NULL CHECK (status IN ('draft', 'open', 'closed', 'running', 'held', 'signed', 'cancelled')),
  reason text NOT NULL,
  uid text NOT NULL UNIQUE,
  sequence integer NOT NULL,
  cutoff timestamp NOT NULL,
  opened timestamp,
  closed timestamp,
  started timestamp,
  held timestamp,
  signed timestamp,
  version integer NOT NULL,
  created timestamp NOT NULL,
  updated timestamp NOT NULL,
  UNIQUE (series, slot)           -- each meeting once, on any number of machines
);
CREATE INDEX meeting_time ON meeting (org, starts, id);
CREATE INDEX meeting_team ON meeting (team, starts);

CREATE TABLE attendance (
  meeting text NOT NULL REFERENCES meeting(id),
  professional text NOT NULL REFERENCES professional(id),
  role text NOT NULL,
  required boolean NOT NULL,
  answer text NOT NULL,
  answered timestamp,
  answer_origin text NOT NULL,
  comment text NOT NULL,
  presence text NOT NULL,
  arrived timestamp,
  departed timestamp,
  version integer NOT NULL,
  PRIMARY KEY (meeting, professional)
);
CREATE INDEX attendance_professional ON attendance (professional);

CREATE TABLE patient (
  id text PRIMARY KEY,
  org text NOT NULL REFERENCES org(id),
  ipp text NOT NULL,
  birth_family text NOT NULL,
  birth_given text NOT NULL,
  birth_names text NOT NULL,
  used_family text NOT NULL,
  used_given text NOT NULL,
  sex text NOT NULL,
  birth_date text,
  birth_place text NOT NULL,
  ins text NOT NULL,
  ins_oid text NOT NULL,
  ins_key_valid boolean NOT NULL,
  identity text NOT NULL,
  deceased boolean NOT NULL,
  deceased_on text,
  sharing text NOT NULL,
  sharing_on text,
  informed boolean NOT NULL,
  language text NOT NULL,
  search text NOT NULL,           -- folded words, each after a blank
  version integer NOT NULL,
  created timestamp NOT NULL,
  updated timestamp NOT NULL
);
CREATE INDEX patient_name ON patient (org, birth_family, birth_given, id);

CREATE TABLE patient_identifier (
  org text NOT NULL REFERENCES org(id),
  system text NOT NULL,
  value text NOT NULL,
  patient text NOT NULL REFERENCES patient(id),
  PRIMARY KEY (org, system, value)
);
CREATE INDEX patient_identifier_patient ON patient_identifier (patient);

CREATE TABLE circle (
  patient text NOT NULL REFERENCES patient(id),
  professional text NOT NULL REFERENCES professional(id),
  role text NOT NULL,
  from_day text,
  until_day text,
  PRIMARY KEY (patient, professional)
);
CREATE INDEX circle_professional ON circle (professional, patient);

CREATE TABLE plan (
  id text PRIMARY KEY,
  org text NOT NULL REFERENCES org(id),
  patient text NOT NULL REFERENCES patient(id),
  team text REFERENCES team(id),
  title text NOT NULL,
  description text NOT NULL,
  category text NOT NULL,
  status text NOT NULL,
  start_day text,
  end_day text,
  referent text REFERENCES professional(id),
  referent_name text NOT NULL,
  review_interval integer NOT NULL,
  last_review text,
  next_review text,
  version integer NOT NULL,
  created timestamp NOT NULL,
  updated timestamp NOT NULL
);
CREATE INDEX plan_patient ON plan (patient);
CREATE INDEX plan_followed ON plan (patient, team) WHERE status = 'active';
CREATE INDEX plan_due ON plan (team, next_review) WHERE status = 'active';
CREATE INDEX plan_never ON plan (team, created) WHERE status = 'active' AND last_review IS NULL AND next_review IS NULL;

CREATE TABLE expectation (
  id text PRIMARY KEY,
  plan text NOT NULL REFERENCES plan(id),
  text text NOT NULL,
  origin text NOT NULL,
  noted text,
  noted_by text NOT NULL
);
CREATE INDEX expectation_plan ON expectation (plan);

CREATE TABLE objective (
  id text PRIMARY KEY,
  org text NOT NULL REFERENCES org(id),
  plan text NOT NULL REFERENCES plan(id),
  patient text NOT NULL REFERENCES patient(id),
  team text REFERENCES team(id),  -- of the plan, so that the due ones are found by index
  title text NOT NULL,
  description text NOT NULL,
  domain text NOT NULL,
  expected text NOT NULL,
  start_day text,
  due text,
  owner text REFERENCES professional(id),
  owner_name text NOT NULL,
  lifecycle text NOT NULL,
  achievement text NOT NULL,
  achievement_on text,
  patient_view text NOT NULL,
  strategy text NOT NULL,
  position integer NOT NULL,
  version integer NOT NULL,
  created timestamp NOT NULL,
  updated timestamp NOT NULL
);
CREATE INDEX objective_plan ON objective (plan);
CREATE INDEX objective_patient ON objective (patient);
CREATE INDEX objective_due ON objective (team, due) WHERE lifecycle NOT IN ('completed', 'cancelled');
CREATE INDEX objective_risk ON objective (team, achievement_on)
  WHERE lifecycle NOT IN ('completed', 'cancelled') AND achievement IN ('worsening', 'no-progress', 'not-attainable');

CREATE TABLE action (
  id text PRIMARY KEY,
  org text NOT NULL REFERENCES org(id),
  plan text NOT NULL REFERENCES plan(id),
  patient text NOT NULL REFERENCES patient(id),
  team text REFERENCES team(id),  -- of the plan
  objective text REFERENCES objective(id),
  title text NOT NULL,
  description text NOT NULL,
  owner text REFERENCES professional(id),
  owner_name text NOT NULL,
  status text NOT NULL,
  outcome text NOT NULL,
  reason text NOT NULL,
  start_day text,
  due text,
  done_on text,
  case_id text,
  version integer NOT NULL,
  created timestamp NOT NULL,
  updated timestamp NOT NULL
);
CREATE INDEX action_plan ON action (plan);
CREATE INDEX action_patient ON action (patient);
CREATE INDEX action_owner ON action (owner, due) WHERE status IN ('requested', 'in-progress');
CREATE INDEX action_late ON action (team, due) WHERE status IN ('requested', 'in-progress');

CREATE TABLE patient_event (
  id text PRIMARY KEY,
  org text NOT NULL REFERENCES org(id),
  patient text NOT NULL REFERENCES patient(id),
  kind text NOT NULL,
  on_day text NOT NULL,
  text text NOT NULL
);
CREATE INDEX patient_event_patient ON patient_event (patient, on_day);
CREATE INDEX patient_event_day ON patient_event (org, on_day, patient);

-- What came from outside: makes an import idempotent.
CREATE TABLE external_ref (
  org text NOT NULL REFERENCES org(id),
  system text NOT NULL,
  value text NOT NULL,
  kind text NOT NULL,             -- patient, plan, objective, action, event
  local_id text NOT NULL,
  content_hash text NOT NULL,     -- of the source, as last imported
  PRIMARY KEY (org, kind, system, value)
);
CREATE INDEX external_ref_local ON external_ref (local_id);

-- A case: one patient on one meeting's agenda.
CREATE TABLE agenda_item (
  id text PRIMARY KEY,
  org text NOT NULL REFERENCES org(id),
  team text NOT NULL REFERENCES team(id),
  meeting text NOT NULL REFERENCES meeting(id),
  patient text NOT NULL REFERENCES patient(id),
  plan text REFERENCES plan(id),
  position integer NOT NULL,
  minutes integer NOT NULL,
  status text NOT NULL CHECK (status IN ('proposed', 'scheduled', 'discussed', 'deferred', 'withdrawn')),
  standard boolean NOT NULL,
  reasons text NOT NULL,          -- JSON array of agenda.Reason
  question text NOT NULL,
  origin text NOT NULL,
  added_by text NOT NULL,
  pinned boolean NOT NULL,
  started timestamp,
  ended timestamp,
  defer_why text NOT NULL,
  version integer NOT NULL,
  created timestamp NOT NULL,
  updated timestamp NOT NULL,
  UNIQUE (meeting, patient)
);
CREATE INDEX agenda_item_patient ON agenda_item (patient, created);
CREATE INDEX agenda_item_deferred ON agenda_item (team, created) WHERE status = 'deferred';

CREATE TABLE request (
  id text PRIMARY KEY,
  org text NOT NULL REFERENCES org(id),
  team text NOT NULL REFERENCES team(id),
  patient text NOT NULL REFERENCES patient(id),
  by_id text REFERENCES professional(id),
  by_name text NOT NULL,
  question text NOT NULL,
  urgency text NOT NULL,
  status text NOT NULL CHECK (status IN ('waiting', 'placed', 'answered', 'withdrawn')),
  case_id text,
  at timestamp NOT NULL,
  version integer NOT NULL
);
CREATE INDEX request_team ON request (team, status, at);
CREATE INDEX request_patient ON request (patient);

CREATE TABLE decision (
  case_id text PRIMARY KEY REFERENCES agenda_item(id),
  org text NOT NULL REFERENCES org(id),
  meeting text NOT NULL REFERENCES meeting(id),
  patient text NOT NULL REFERENCES patient(id),
  content text NOT NULL,          -- JSON minutes.Decision
  version integer NOT NULL,
  updated timestamp NOT NULL
);
CREATE INDEX decision_meeting ON decision (meeting);
CREATE INDEX decision_patient ON decision (patient);

CREATE TABLE minutes (
  id text PRIMARY KEY,
  org text NOT NULL REFERENCES org(id),
  team text NOT NULL REFERENCES team(id),
  meeting text NOT NULL REFERENCES meeting(id),
  version integer NOT NULL,
  seq integer NOT NULL,
  content text NOT NULL,          -- the frozen JSON, byte for byte
  sha256 text NOT NULL UNIQUE,
  previous text NOT NULL,
  replaces text REFERENCES minutes(id),
  reason text NOT NULL,
  signed_by text NOT NULL REFERENCES professional(id),
  signer text NOT NULL,
  signed_at timestamp NOT NULL,
  meeting_at timestamp NOT NULL,
  UNIQUE (meeting, version),
  UNIQUE (team, seq)
);
CREATE INDEX minutes_archive ON minutes (org, meeting_at, id);

CREATE TABLE document (
  minutes text NOT NULL REFERENCES minutes(id),
  kind text NOT NULL CHECK (kind IN ('register', 'extract')),
  patient text NOT NULL,          -- empty for the register
  sha256 text NOT NULL,
  size bigint NOT NULL,
  pages integer NOT NULL,
  PRIMARY KEY (minutes, kind, patient)
);
CREATE INDEX document_patient ON document (patient);

CREATE TABLE event (
  id text PRIMARY KEY,
  org text NOT NULL REFERENCES org(id),
  kind text NOT NULL,
  at timestamp NOT NULL,
  team text NOT NULL,
  meeting text NOT NULL,
  case_id text NOT NULL,
  patient text NOT NULL,
  minutes text NOT NULL,
  professional text NOT NULL,
  treated timestamp             -- when its messages were put in the outbox
);
CREATE INDEX event_untreated ON event (id) WHERE treated IS NULL;
CREATE INDEX event_org ON event (org, id);

CREATE TABLE outbox (
  id text PRIMARY KEY,
  org text NOT NULL REFERENCES org(id),
  event text NOT NULL,
  kind text NOT NULL,             -- invite, cancel, minutes, notice
  meeting text NOT NULL,
  recipient text NOT NULL,        -- professional, may be empty
  address text NOT NULL,
  secure boolean NOT NULL,
  thread text NOT NULL,           -- what must stay in order, e.g. uid + address
  message_id text NOT NULL UNIQUE,
  subject text NOT NULL,
  body bytea NOT NULL,            -- the whole RFC 5322 message
  status text NOT NULL CHECK (status IN ('waiting', 'sending', 'sent', 'dead', 'cancelled')),
  attempts integer NOT NULL,
  next_try timestamp NOT NULL,
  lease timestamp,
  last_error text NOT NULL,       -- the server's words, without the message
  created timestamp NOT NULL,
  sent timestamp,
  UNIQUE (event, kind, address)
);
CREATE INDEX outbox_due ON outbox (next_try, id) WHERE status IN ('waiting', 'sending');
CREATE INDEX outbox_thread ON outbox (thread, id);
CREATE INDEX outbox_list ON outbox (org, id);

CREATE TABLE job_run (
  job text NOT NULL,
  slot text NOT NULL,
  at timestamp NOT NULL,
  detail text NOT NULL,
  PRIMARY KEY (job, slot)
);

CREATE TABLE audit (
  org text NOT NULL REFERENCES org(id),
  seq bigint NOT NULL,
  id text NOT NULL UNIQUE,
  at timestamp NOT NULL,
  actor text NOT NULL,
  actor_name text NOT NULL,
  origin text NOT NULL,
  action text NOT NULL,
  object text NOT NULL,
  object_id text NOT NULL,
  patient text NOT NULL,
  team text NOT NULL,
  outcome text NOT NULL,
  detail text NOT NULL,
  prev text NOT NULL,
  hash text NOT NULL,
  PRIMARY KEY (org, seq)
);
CREATE INDEX audit_patient ON audit (patient, seq) WHERE patient <> '';
CREATE INDEX audit_actor ON audit (actor, seq);

-- +goose Down
DROP TABLE audit; DROP TABLE job_run; DROP TABLE outbox; DROP TABLE event; DROP TABLE document;
DROP TABLE minutes; DROP TABLE decision; DROP TABLE request; DROP TABLE agenda_item; DROP TABLE external_ref;
DROP TABLE patient_event; DROP TABLE action; DROP TABLE objective; DROP TABLE expectation; DROP TABLE plan;
DROP TABLE circle; DROP TABLE patient_identifier; DROP TABLE patient; DROP TABLE attendance; DROP TABLE meeting;
DROP TABLE series; DROP TABLE team_member; DROP TABLE team; DROP TABLE sign_in_failure; DROP TABLE api_token;
DROP TABLE session; DROP TABLE account; DROP TABLE professional; DROP TABLE org;
