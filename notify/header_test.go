package notify_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-message/mail"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rcp-care/rcp/notify"
)

// heading composes a mail with these words in its header and reads them back.
func heading(t rapid.TB, words string) (subject string, from, to *mail.Address, raw string) {
	t.Helper()
	b, err := notify.Compose(notify.Draft{
		From: "reunions@quatre-rivieres.example", FromName: words, To: "samira.benali-courtois@hopital.mssante.example", ToName: words,
		Subject: words, MessageID: "1@quatre-rivieres.example", Date: time.Unix(0, 0), Text: "Essai", HTML: "<p>Essai</p>",
	})
	if err != nil {
		t.Fatal(err)
	}
	r, err := mail.CreateReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	subject, err = r.Header.Subject()
	senders, errFrom := r.Header.AddressList("From")
	receivers, errTo := r.Header.AddressList("To")
	if err != nil || errFrom != nil || errTo != nil || len(senders) != 1 || len(receivers) != 1 {
		t.Fatalf("header of %q: %v, from %v (%v), to %v (%v)", words, err, senders, errFrom, receivers, errTo)
	}
	raw, _, _ = strings.Cut(string(b), "\r\n\r\n")
	return subject, senders[0], receivers[0], raw
}

// TestHeaderWords holds the words of a header to their French no-break spaces
// and to one line.
func TestHeaderWords(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ words, want string }{
		"plain":          {"Essai du 26, salle 2", "Essai du 26, salle 2"},
		"quotes":         {`dite "la 12" \ RCP`, `dite "la 12" \ RCP`},
		"no-break space": {"Invitation\u00a0: réunion, jeudi 26\u00a0novembre\u00a02026", "Invitation\u00a0: réunion, jeudi 26\u00a0novembre\u00a02026"},
		"thin space":     {"Répondre\u202f?", "Répondre\u202f?"},
		"another header": {"Équipe\r\nBcc: a@b.example\u2028 et\tsuite", "Équipe Bcc: a@b.example et suite"},
		"broken text":    {"Équipe " + strings.Repeat("\x80", 80), "Équipe \ufffd"},
		"long": {
			"Réunion modifiée\u00a0: réunion de synthèse, Gériatrie à domicile, vallée de l’Orle, vendredi 27\u00a0novembre\u00a02026",
			"Réunion modifiée\u00a0: réunion de synthèse, Gériatrie à domicile, vallée de l’Orle, vendredi 27\u00a0novembre\u00a02026",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			subject, from, to, _ := heading(t, tt.words)
			want := []string{tt.want, tt.want, tt.want}
			if diff := cmp.Diff(want, []string{subject, from.Name, to.Name}); diff != "" {
				t.Errorf("subject, from, to (-want +got):\n%s", diff)
			}
		})
	}
}

// TestHeaderLines holds any words to the 76 characters a line of RFC 2047
// section 2, and the addresses to what they were.
func TestHeaderLines(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		words := "É" + rapid.StringMatching(`[ a-zA-Zéèàç’«» €😀,.:;?!"()<>@=_\\-]{0,200}`).Draw(t, "words") + "."
		subject, from, to, raw := heading(t, words)
		if want := strings.Join(strings.FieldsFunc(words, func(r rune) bool { return r == ' ' }), " "); subject != want || from.Name != want || to.Name != want {
			t.Fatalf("want %q, got %q, %q, %q", want, subject, from.Name, to.Name)
		}
		if from.Address != "reunions@quatre-rivieres.example" || to.Address != "samira.benali-courtois@hopital.mssante.example" {
			t.Fatalf("addresses: %s, %s", from.Address, to.Address)
		}
		for line := range strings.SplitSeq(raw, "\r\n") {
			if len(line) > 76 {
				t.Fatalf("line of %d characters: %s", len(line), line)
			}
		}
	})
}
