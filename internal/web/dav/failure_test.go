package dav_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/web/dav"
	"github.com/rcp-care/rcp/meetings"
)

// broken reads no meeting: it panics, or fails.
type broken struct{ err error }

func (b broken) Own(context.Context, auth.Actor) ([]meetings.Own, error) {
	if b.err == nil {
		panic("broken")
	}
	return nil, b.err
}

// TestAFailureIsLoggedAndNotTold: neither the cause nor the secret leaves.
func TestAFailureIsLoggedAndNotTold(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for name, b := range map[string]broken{"fails": {errors.New("the disk is full")}, "panics": {}} {
		var logs bytes.Buffer
		engine := gin.New()
		dav.New(dav.Config{Auth: w.accounts, Meetings: b, BaseURL: "https://rcp.example", Log: slog.New(slog.NewTextHandler(&logs, nil))}).Mount(engine)
		w.handler = engine
		for _, path := range []string{w.home() + "meetings/", w.home() + "meetings/x.ics"} {
			res := w.dav(t, "PROPFIND", path, etags, "Depth", "1")
			if res.Code != http.StatusInternalServerError || res.Body.Len() > 0 {
				t.Errorf("%s %s: %d %q", name, path, res.Code, res.Body)
			}
		}
		if b.err != nil {
			if res := w.ask(t, http.MethodGet, w.feed(), ""); res.Code != http.StatusInternalServerError || res.Body.Len() > 0 {
				t.Errorf("%s: feed %d %q", name, res.Code, res.Body)
			}
		}
		if logs.Len() == 0 || strings.Contains(logs.String(), w.secret) {
			t.Errorf("%s: logs %s", name, &logs)
		}
	}
}
