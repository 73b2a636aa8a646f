package audit

import (
	"context"

	"github.com/rcp-care/rcp/internal/fault"
)

// Recorder writes an entry that changes no row.
type Recorder interface {
	Audit(ctx context.Context, by Change) error
}

// Refuse records what was refused and returns the fault for it; an entry that
// cannot be written is the fault instead. Why is a French source sentence.
func Refuse(ctx context.Context, log Recorder, op string, by Change, why string) error {
	by.Entry.Outcome, by.Events = Refused, nil
	if err := log.Audit(ctx, by); err != nil {
		return fault.Wrap(op, err)
	}
	return fault.New(fault.Forbidden, op, why)
}
