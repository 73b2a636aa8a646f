package notify_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rcp-care/rcp/minutes/pdf/check"
	"github.com/rcp-care/rcp/notify"
)

// scanned is everything a recipient can read of a mail: its headers and texts,
// and apart what is attached, the text of a PDF and its data together.
type scanned struct {
	open     string            // headers, parts, file names
	attached map[string]string // file name → text
}

func (s scanned) whole() string {
	all := s.open
	for _, text := range s.attached {
		all += "\n" + text
	}
	return all
}

// scan takes a mail apart as a reader does.
func scan(t *testing.T, m notify.Message) scanned {
	t.Helper()
	s := scanned{attached: map[string]string{}}
	in, err := mail.ReadMessage(strings.NewReader(string(m.Body)))
	if err != nil {
		t.Fatal(err)
	}
	var decode mime.WordDecoder
	for name, values := range in.Header {
		for _, v := range values {
			plain, err := decode.DecodeHeader(v)
			if err != nil {
				t.Fatal(err)
			}
			s.open += name + ": " + plain + "\n"
		}
	}
	s.open += m.Subject + "\n" + m.Thread + "\n" + m.MessageID + "\n"
	s.part(t, in.Header.Get("Content-Type"), in.Body)
	return s
}

func (s *scanned) part(t *testing.T, contentType string, body io.Reader) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(kind, "multipart/") {
		t.Fatalf("a mail that is %s", kind)
	}
	parts := multipart.NewReader(body, params["boundary"])
	for {
		p, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(p.Header.Get("Content-Type"), "multipart/") {
			s.part(t, p.Header.Get("Content-Type"), p)
			continue
		}
		raw, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, p))
		if err != nil {
			t.Fatal(err)
		}
		s.open += fmt.Sprint(p.Header) + "\n"
		if p.FileName() == "" {
			s.open += string(raw) + "\n"
			continue
		}
		s.attached[p.FileName()] = document(t, raw)
	}
}

// document is all the words of a PDF that we made: its pages, what is read
// aloud, its metadata and its attached data.
func document(t *testing.T, raw []byte) string {
	t.Helper()
	for _, found := range check.Document(raw) {
		t.Error(found)
	}
	dir := t.TempDir()
	name := filepath.Join(dir, "d.pdf")
	if err := os.WriteFile(name, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	text := run(t, "pdftotext", "-layout", name, "-") + run(t, "pdfinfo", name) + run(t, "pdfinfo", "-meta", name)
	run(t, "pdfdetach", "-saveall", "-o", dir, name)
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) != 1 {
		t.Fatalf("attached data: %v, %v", files, err)
	}
	data, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(text), " ") + "\n" + string(data) + "\n" + filepath.Base(files[0])
}

func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).Output()
	if err != nil {
		t.Fatalf("%s %v: %v (apt-get install poppler-utils)", name, args, err)
	}
	return string(out)
}

// names reports which of the traits stand in a text, accents and case apart.
func names(text string, traits []string) []string {
	low := strings.ToLower(text)
	return slices.DeleteFunc(slices.Clone(traits), func(trait string) bool { return !strings.Contains(low, strings.ToLower(trait)) })
}
