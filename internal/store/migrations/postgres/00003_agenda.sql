-- An agenda nobody has to assemble by hand: rules that each team sets, more
-- reasons found by index, lines put back where they stood.

-- +goose Up
ALTER TABLE team ADD COLUMN rules text NOT NULL DEFAULT '{}';               -- JSON agenda.Settings
ALTER TABLE agenda_item ADD COLUMN was integer NOT NULL DEFAULT 0;          -- position before it was withdrawn or deferred
ALTER TABLE request ADD COLUMN source text NOT NULL DEFAULT 'professional'; -- professional, patient, family

-- The day of the patient's last event, so that a team's events are found by
-- the team and not among everybody's of the week.
ALTER TABLE plan ADD COLUMN event_day text;
UPDATE plan SET event_day = (SELECT max(e.on_day) FROM patient_event e WHERE e.patient = plan.patient);
CREATE INDEX plan_event ON plan (team, event_day) WHERE status = 'active';
DROP INDEX patient_event_day;

CREATE INDEX plan_ending ON plan (team, end_day) WHERE status = 'active';
CREATE INDEX plan_draft ON plan (team, created) WHERE status = 'draft';
CREATE INDEX objective_stalled ON objective (team, achievement_on)
  WHERE lifecycle NOT IN ('completed', 'cancelled') AND achievement = 'no-change';
CREATE INDEX action_not_done ON action (team, done_on)
  WHERE status = 'completed' AND outcome = 'not-done' AND case_id IS NOT NULL;
CREATE INDEX agenda_item_lasted ON agenda_item (team, ended) WHERE status = 'discussed' AND ended IS NOT NULL;

-- +goose Down
DROP INDEX agenda_item_lasted;
DROP INDEX action_not_done; DROP INDEX objective_stalled; DROP INDEX plan_draft; DROP INDEX plan_ending; DROP INDEX plan_event;
CREATE INDEX patient_event_day ON patient_event (org, on_day, patient);
ALTER TABLE plan DROP COLUMN event_day; ALTER TABLE request DROP COLUMN source;
ALTER TABLE agenda_item DROP COLUMN was; ALTER TABLE team DROP COLUMN rules;
