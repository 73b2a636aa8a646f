-- Training teams: everything works, on fictional patients, and no mail leaves.
-- The two worlds are held apart here, whatever the programs above do.

-- +goose Up
ALTER TABLE team ADD COLUMN training boolean NOT NULL DEFAULT false;
ALTER TABLE patient ADD COLUMN fictional boolean NOT NULL DEFAULT false;
ALTER TABLE outbox ADD COLUMN kept boolean NOT NULL DEFAULT false;  -- of a training team: written, never sent
CREATE INDEX team_training ON team (id) WHERE training;

-- +own triggers: the databases write them differently
-- +goose StatementBegin
CREATE FUNCTION world_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'training and fictional are for ever' USING ERRCODE = 'RCP01'; END $$;
-- +goose StatementEnd
CREATE TRIGGER team_training_fixed BEFORE UPDATE OF training ON team
  FOR EACH ROW WHEN (NEW.training <> OLD.training) EXECUTE FUNCTION world_fixed();
CREATE TRIGGER patient_fictional_fixed BEFORE UPDATE OF fictional ON patient
  FOR EACH ROW WHEN (NEW.fictional <> OLD.fictional) EXECUTE FUNCTION world_fixed();
-- +goose StatementBegin
CREATE FUNCTION worlds_apart() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT training FROM team WHERE id = NEW.team) <> (SELECT fictional FROM patient WHERE id = NEW.patient) THEN
    RAISE EXCEPTION 'training and care apart' USING ERRCODE = 'RCP01';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER plan_world BEFORE INSERT OR UPDATE OF team, patient ON plan FOR EACH ROW EXECUTE FUNCTION worlds_apart();
CREATE TRIGGER agenda_item_world BEFORE INSERT ON agenda_item FOR EACH ROW EXECUTE FUNCTION worlds_apart();
CREATE TRIGGER request_world BEFORE INSERT ON request FOR EACH ROW EXECUTE FUNCTION worlds_apart();
-- +goose StatementBegin
CREATE FUNCTION keep_training() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM meeting m JOIN team t ON t.id = m.team WHERE m.id = NEW.meeting AND t.training)
    OR EXISTS (SELECT 1 FROM event e JOIN team t ON t.training WHERE e.id = NEW.event AND (t.id = e.team
      OR t.id = (SELECT m.team FROM meeting m WHERE m.id = e.meeting) OR t.id = (SELECT s.team FROM series s WHERE s.id = e.series)
      OR t.id = (SELECT i.team FROM agenda_item i WHERE i.id = e.case_id) OR t.id = (SELECT q.team FROM request q WHERE q.id = e.request)
      OR t.id = (SELECT o.team FROM outside_request o WHERE o.id = e.request)))
    OR EXISTS (SELECT 1 FROM event e JOIN patient p ON p.id = e.patient WHERE e.id = NEW.event AND p.fictional)
  THEN NEW.kept := true; NEW.status := 'cancelled'; END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER outbox_kept BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION keep_training();
-- +goose StatementBegin
CREATE FUNCTION training_sends_nothing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'a training team sends nothing' USING ERRCODE = 'RCP01'; END $$;
-- +goose StatementEnd
CREATE TRIGGER outbox_stays BEFORE UPDATE ON outbox
  FOR EACH ROW WHEN (OLD.kept AND (NOT NEW.kept OR NEW.status <> 'cancelled')) EXECUTE FUNCTION training_sends_nothing();
-- +own end

-- +goose Down
-- +own triggers
DROP TRIGGER outbox_stays ON outbox; DROP TRIGGER outbox_kept ON outbox; DROP TRIGGER request_world ON request;
DROP TRIGGER agenda_item_world ON agenda_item; DROP TRIGGER plan_world ON plan;
DROP TRIGGER patient_fictional_fixed ON patient; DROP TRIGGER team_training_fixed ON team;
DROP FUNCTION training_sends_nothing(); DROP FUNCTION keep_training(); DROP FUNCTION worlds_apart(); DROP FUNCTION world_fixed();
-- +own end
DROP INDEX team_training;
ALTER TABLE outbox DROP COLUMN kept; ALTER TABLE patient DROP COLUMN fictional; ALTER TABLE team DROP COLUMN training;
