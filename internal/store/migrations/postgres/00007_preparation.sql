-- Each case arrives prepared: its summary, and what each profession writes.

-- +goose Up
CREATE TABLE case_sheet (
  case_id text PRIMARY KEY REFERENCES agenda_item(id),
  org text NOT NULL REFERENCES org(id),
  isbar text NOT NULL,            -- JSON preparation.ISBAR
  version integer NOT NULL,
  updated timestamptz NOT NULL
);

CREATE TABLE contribution (
  case_id text NOT NULL REFERENCES agenda_item(id),
  professional text NOT NULL REFERENCES professional(id),
  org text NOT NULL REFERENCES org(id),
  profession text NOT NULL,       -- when it was asked or written
  text text NOT NULL,
  opinion boolean NOT NULL,       -- a written opinion of somebody who will not come
  asked_at timestamptz,
  asked_by text NOT NULL,
  written_at timestamptz,
  version integer NOT NULL,       -- 0: asked, nothing written
  PRIMARY KEY (case_id, professional)
);
CREATE INDEX contribution_awaited ON contribution (professional, case_id) WHERE written_at IS NULL;

-- +goose Down
DROP TABLE contribution; DROP TABLE case_sheet;
