package store

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// jsonColumn reads a column that holds JSON.
type jsonColumn struct{ into any }

func jsonOf(into any) jsonColumn { return jsonColumn{into} }

// Scan reads text or bytes; empty leaves the zero value.
func (c jsonColumn) Scan(src any) error {
	var raw []byte
	switch v := src.(type) {
	case nil:
	case string:
		raw = []byte(v)
	case []byte:
		raw = v
	default:
		return fmt.Errorf("store: a JSON column holds %T", src)
	}
	if len(raw) == 0 {
		return nil
	}
	return json.Unmarshal(raw, c.into)
}

// listJSON writes a list, an empty one as [].
func listJSON[T any](all []T) (string, error) {
	if all == nil {
		all = []T{}
	}
	raw, err := json.Marshal(all)
	return string(raw), err
}

// weekdayText writes days as 1,4.
func weekdayText(days []time.Weekday) string {
	parts := make([]string, len(days))
	for i, d := range days {
		parts[i] = strconv.Itoa(int(d))
	}
	return strings.Join(parts, ",")
}

func readWeekdays(text string) (days []time.Weekday, err error) {
	for part := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(part)
		if err != nil {
			return nil, fmt.Errorf("store: weekdays %q", text)
		}
		days = append(days, time.Weekday(n))
	}
	return days, nil
}
