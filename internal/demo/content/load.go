package content

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
)

//go:embed teams.json patients.json meeting.json
var files embed.FS

// Load reads the embedded material and checks it: unknown or double keys,
// states, dates and numbers. All the findings come back joined in one error.
func Load() (Content, error) {
	var c Content
	err := errors.Join(
		decode("teams.json", &c),
		decode("patients.json", &c.Patients),
		decode("meeting.json", &c.LastMeeting),
	)
	if err != nil {
		return Content{}, err
	}
	if err := c.Validate(); err != nil {
		return Content{}, err
	}
	return c, nil
}

func decode(name string, into any) error {
	b, err := files.ReadFile(name)
	if err != nil {
		return fmt.Errorf("content: %w", err)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("content: %s: %w", name, err)
	}
	return nil
}
