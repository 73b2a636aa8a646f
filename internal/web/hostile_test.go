package web

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
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
