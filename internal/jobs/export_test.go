package jobs

import "context"

// Answers runs the sweep of reminders once.
func Answers(ctx context.Context, c Config) error { return c.withDefaults().answers(ctx) }
