-- Training teams: everything works, on fictional patients, and no mail leaves.
-- The two worlds are held apart here, whatever the programs above do.

-- +goose Up
ALTER TABLE team ADD COLUMN training boolean NOT NULL DEFAULT false;
ALTER TABLE patient ADD COLUMN fictional boolean NOT NULL DEFAULT false;
ALTER TABLE outbox ADD COLUMN kept boolean NOT NULL DEFAULT false;  -- of a training team: written, never sent
CREATE INDEX team_training ON team (id) WHERE training;

-- +own triggers: the databases write them differently
-- +goose StatementBegin
CREATE TRIGGER team_training_fixed BEFORE UPDATE OF training ON team WHEN NEW.training <> OLD.training
BEGIN SELECT RAISE(ABORT, 'training is for ever'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER patient_fictional_fixed BEFORE UPDATE OF fictional ON patient WHEN NEW.fictional <> OLD.fictional
BEGIN SELECT RAISE(ABORT, 'fictional is for ever'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER plan_world_insert BEFORE INSERT ON plan
WHEN (SELECT training FROM team WHERE id = NEW.team) <> (SELECT fictional FROM patient WHERE id = NEW.patient)
BEGIN SELECT RAISE(ABORT, 'training and care apart'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER plan_world_update BEFORE UPDATE OF team, patient ON plan
WHEN (SELECT training FROM team WHERE id = NEW.team) <> (SELECT fictional FROM patient WHERE id = NEW.patient)
BEGIN SELECT RAISE(ABORT, 'training and care apart'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER agenda_item_world BEFORE INSERT ON agenda_item
WHEN (SELECT training FROM team WHERE id = NEW.team) <> (SELECT fictional FROM patient WHERE id = NEW.patient)
BEGIN SELECT RAISE(ABORT, 'training and care apart'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER request_world BEFORE INSERT ON request
WHEN (SELECT training FROM team WHERE id = NEW.team) <> (SELECT fictional FROM patient WHERE id = NEW.patient)
BEGIN SELECT RAISE(ABORT, 'training and care apart'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER outbox_kept AFTER INSERT ON outbox
WHEN EXISTS (SELECT 1 FROM meeting m JOIN team t ON t.id = m.team WHERE m.id = NEW.meeting AND t.training)
  OR EXISTS (SELECT 1 FROM event e JOIN team t ON t.training WHERE e.id = NEW.event AND (t.id = e.team
    OR t.id = (SELECT m.team FROM meeting m WHERE m.id = e.meeting) OR t.id = (SELECT s.team FROM series s WHERE s.id = e.series)
    OR t.id = (SELECT i.team FROM agenda_item i WHERE i.id = e.case_id) OR t.id = (SELECT q.team FROM request q WHERE q.id = e.request)
    OR t.id = (SELECT o.team FROM outside_request o WHERE o.id = e.request)))
  OR EXISTS (SELECT 1 FROM event e JOIN patient p ON p.id = e.patient WHERE e.id = NEW.event AND p.fictional)
BEGIN UPDATE outbox SET kept = true, status = 'cancelled' WHERE id = NEW.id; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER outbox_stays BEFORE UPDATE ON outbox WHEN OLD.kept AND (NOT NEW.kept OR NEW.status <> 'cancelled')
BEGIN SELECT RAISE(ABORT, 'a training team sends nothing'); END;
-- +goose StatementEnd
-- +own end

-- +goose Down
-- +own triggers
DROP TRIGGER outbox_stays; DROP TRIGGER outbox_kept; DROP TRIGGER request_world; DROP TRIGGER agenda_item_world;
DROP TRIGGER plan_world_update; DROP TRIGGER plan_world_insert;
DROP TRIGGER patient_fictional_fixed; DROP TRIGGER team_training_fixed;
-- +own end
DROP INDEX team_training;
ALTER TABLE outbox DROP COLUMN kept; ALTER TABLE patient DROP COLUMN fictional; ALTER TABLE team DROP COLUMN training;
