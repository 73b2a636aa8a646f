package web

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/rcp-care/rcp/internal/audit"
)

// endless is a body that never says how long it is, and counts what was read.
type endless struct {
	head io.Reader
	read int
}

func (e *endless) Read(b []byte) (int, error) {
	n, err := e.head.Read(b)
	if err == io.EOF {
		for i := range b {
			b[i] = 'x'
		}
		n, err = len(b), nil
	}
	if e.read += n; e.read > 64<<20 {
		return 0, io.EOF
	}
	return n, err
}

func TestAFormOfUnsaidLengthIsBounded(t *testing.T) {
	t.Parallel()
	h := setup(t)
	for kind, head := range map[string]string{
		"multipart/form-data; boundary=Z":   "--Z\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a\"\r\n\r\n",
		"application/x-www-form-urlencoded": "email=",
	} {
		body := &endless{head: strings.NewReader(head)}
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/sign-in", body)
		req.ContentLength = -1
		req.Header.Set("Content-Type", kind)
		res := httptest.NewRecorder()
		h.handler.ServeHTTP(res, req)
		if res.Code != http.StatusUnprocessableEntity || body.read > 2*maxForm {
			t.Errorf("%s: %d after %d bytes", kind, res.Code, body.read)
		}
	}
}

func TestAFormOfAnotherSiteIsRefusedAsAPage(t *testing.T) {
	t.Parallel()
	h := setup(t)
	w := h.from(t, "http://ailleurs.example", "secretary", "/language")
	if w.Code != http.StatusForbidden || w.Header().Get("Content-Security-Policy") == "" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("got %d, %v", w.Code, w.Header())
	}
	if got := said(html(t, w).Find("main")); !strings.Contains(got, "autre site") {
		t.Errorf("the page says %q", got)
	}
}

func TestAPageKeptFromSomebodyIsOnRecord(t *testing.T) {
	t.Parallel()
	h := setup(t)
	if w := h.as(t, "clinician", get, "/outbox", nil); w.Code != http.StatusForbidden {
		t.Fatalf("got %d", w.Code)
	}
	all, err := h.store.AuditEntries(t.Context(), h.Org.ID, audit.Filter{Action: "access.refused", Limit: 10})
	if err != nil || len(all) != 1 || all[0].Actor != h.Clinician.Professional || all[0].ObjectID != "GET /outbox" || all[0].Outcome != audit.Refused {
		t.Errorf("on record: %+v, %v", all, err)
	}
}
