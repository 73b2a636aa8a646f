package jobs

import "context"

// Answers runs the sweep of reminders once.
func Answers(ctx context.Context, c Config) error { return c.withDefaults().answers(ctx) }

// Digests runs the sweep of the weekly summaries once.
func Digests(ctx context.Context, c Config) error { return c.withDefaults().digests(ctx) }
