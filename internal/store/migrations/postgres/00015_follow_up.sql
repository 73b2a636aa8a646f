-- After the meeting: what became of the actions, who told the patient, and what
-- the members thought of it, without their names.

-- +goose Up
ALTER TABLE action ADD COLUMN note text NOT NULL DEFAULT '';  -- why it was not done, in a few words

-- Who was reminded of what they have to do: once a day at most.
CREATE TABLE action_reminder (
  professional text NOT NULL REFERENCES professional(id),
  day text NOT NULL,              -- where the team is
  org text NOT NULL REFERENCES org(id),
  by_name text NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (professional, day)
);

-- Who wants no summary of their week by mail.
CREATE TABLE digest_off (
  professional text PRIMARY KEY REFERENCES professional(id),
  org text NOT NULL REFERENCES org(id)
);

-- Who tells a patient what was decided, and when it was done.
CREATE TABLE patient_told (
  case_id text PRIMARY KEY REFERENCES agenda_item(id),
  org text NOT NULL REFERENCES org(id),
  team text NOT NULL REFERENCES team(id),
  meeting text NOT NULL REFERENCES meeting(id),
  patient text NOT NULL REFERENCES patient(id),
  who text REFERENCES professional(id),
  who_name text NOT NULL,
  by_day text,
  told_on text,                   -- NULL: not yet
  told_by text NOT NULL,
  how text NOT NULL CHECK (how IN ('', 'interview', 'phone', 'letter', 'other')),
  version integer NOT NULL
);
CREATE INDEX patient_told_who ON patient_told (who, by_day);
CREATE INDEX patient_told_team ON patient_told (team, by_day) WHERE told_on IS NULL;
CREATE INDEX patient_told_patient ON patient_told (patient);

-- +own: SQLite numbers the rows of a table as they come, which WITHOUT ROWID avoids
-- What members thought of a meeting. Nothing here says who: the id is random,
-- there is no instant, and each new answer writes those of its meeting again.
CREATE TABLE feedback (
  id text PRIMARY KEY,
  org text NOT NULL REFERENCES org(id),
  meeting text NOT NULL REFERENCES meeting(id),
  worth integer NOT NULL CHECK (worth BETWEEN 1 AND 4),
  heard integer NOT NULL CHECK (heard BETWEEN 1 AND 4),
  sentence text NOT NULL
);
CREATE INDEX feedback_meeting ON feedback (meeting);

-- That somebody answered, once; not what.
CREATE TABLE feedback_given (
  meeting text NOT NULL REFERENCES meeting(id),
  professional text NOT NULL REFERENCES professional(id),
  org text NOT NULL REFERENCES org(id),
  PRIMARY KEY (meeting, professional)
);
-- +own end

-- +goose Down
DROP TABLE feedback_given; DROP TABLE feedback; DROP TABLE patient_told; DROP TABLE digest_off; DROP TABLE action_reminder;
ALTER TABLE action DROP COLUMN note;
