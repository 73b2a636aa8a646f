package store

import (
	"context"
	"time"

	"github.com/rcp-care/rcp/internal/fault"
)

// Lease takes a lease until an instant, or moves its end when the holder has it
// already; held is false while another holder's has not ended. An end that is
// now gives it back.
func (s *Store) Lease(ctx context.Context, name, holder string, until time.Time) (held bool, err error) {
	const op = "store.Lease"
	res, err := s.write.ExecContext(ctx, `
		INSERT INTO lease (name, holder, until) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
		WHERE lease.holder = excluded.holder OR lease.until <= $4`, name, holder, micro(until), micro(s.now()))
	if err != nil {
		return false, fault.Wrap(op, mapError(err))
	}
	n, err := res.RowsAffected()
	return n > 0, fault.Wrap(op, err)
}
