-- The secretary's desk: an agenda is refitted around what was pinned and the
-- last edit can be taken back; members say from when until when they come.

-- +goose Up
ALTER TABLE attendance ADD COLUMN expect_from timestamptz;   -- NULL: from the start
ALTER TABLE attendance ADD COLUMN expect_until timestamptz;  -- NULL: to the end

-- The last edit of an agenda, while it can be undone.
CREATE TABLE agenda_undo (
  meeting text PRIMARY KEY REFERENCES meeting(id),
  key text NOT NULL,              -- of the edit
  by_id text REFERENCES professional(id),
  at timestamptz NOT NULL,
  edit text NOT NULL              -- JSON agenda.Edit: lines before, versions after, changes
);

-- +goose Down
DROP TABLE agenda_undo;
ALTER TABLE attendance DROP COLUMN expect_until; ALTER TABLE attendance DROP COLUMN expect_from;
