-- What is sent, and what became of it: an agenda goes out again only when it
-- changed; who received minutes, whose mail came back, who opened them.

-- +goose Up
ALTER TABLE outbox ADD COLUMN digest text NOT NULL DEFAULT '';  -- of what it tells, when telling it again depends on it

CREATE TABLE receipt (
  org text NOT NULL REFERENCES org(id),
  minutes text NOT NULL REFERENCES minutes(id),
  professional text NOT NULL REFERENCES professional(id),
  opened timestamptz NOT NULL,             -- first, in the program
  PRIMARY KEY (minutes, professional)
);

-- What the recipient's server said of a message after it had left (RFC 3464).
CREATE TABLE report (
  org text NOT NULL REFERENCES org(id),
  message text PRIMARY KEY REFERENCES outbox(id),
  state text NOT NULL CHECK (state IN ('delivered', 'failed')),
  said text NOT NULL,               -- the server's words, without any address
  at timestamptz NOT NULL
);

-- +goose Down
DROP TABLE report; DROP TABLE receipt;
ALTER TABLE outbox DROP COLUMN digest;
