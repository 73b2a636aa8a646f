package meetings

import (
	"slices"

	"github.com/rcp-care/rcp/internal/fault"
)

// MaxReminder is the most days before a meeting that a reminder leaves.
const MaxReminder = 30

// DefaultReminders are those of a new team: a working week before, and when it
// is still time to find somebody else.
func DefaultReminders() []int { return []int{5, 2} }

// sortedReminders puts the longest delay first, each once; nil stays nil.
func sortedReminders(days []int) []int {
	if days == nil {
		return nil
	}
	all := slices.Compact(slices.Sorted(slices.Values(days)))
	slices.Reverse(all)
	return append([]int{}, all...)
}

func checkReminders(c *fault.Check, days []int) {
	const most = 5
	c.That(len(days) <= most, "reminders", "Cinq relances au plus.")
	for _, n := range days {
		c.That(n >= 1 && n <= MaxReminder, "reminders", "Des jours de 1 à 30, séparés par des virgules, par exemple « 5, 2 ».")
	}
}
