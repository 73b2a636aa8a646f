package audit

import "fmt"

// Chain verifies a log entry by entry, in the order of their numbers. Its zero
// value stands before the first entry. After something that does not hold it
// goes on from what it found, so that each alteration is told once.
type Chain struct {
	seq  int64
	prev string
}

// Next returns what does not hold of the next entry, or nothing.
func (c *Chain) Next(e Entry) []string {
	var wrong []string
	switch {
	case e.Seq == c.seq+2:
		wrong = append(wrong, fmt.Sprintf("entry %d is missing", c.seq+1))
	case e.Seq != c.seq+1:
		wrong = append(wrong, fmt.Sprintf("entries %d to %d are missing", c.seq+1, e.Seq-1))
	case e.Prev != c.prev:
		wrong = append(wrong, fmt.Sprintf("entry %d does not follow the one before", e.Seq))
	}
	if e.Hash != e.Sum() {
		wrong = append(wrong, fmt.Sprintf("entry %d was altered", e.Seq))
	}
	c.seq, c.prev = e.Seq, e.Hash
	return wrong
}

// End compares the last entry with the head that is kept apart from the log.
func (c *Chain) End(seq int64, hash string) []string {
	switch {
	case c.seq < seq:
		return []string{fmt.Sprintf("entries after %d are missing: there were %d", c.seq, seq)}
	case c.seq > seq || c.prev != hash:
		return []string{fmt.Sprintf("the head of the log (%d) is not its last entry (%d)", seq, c.seq)}
	}
	return nil
}
