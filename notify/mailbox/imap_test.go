package mailbox

import (
	"context"
	"testing"

	"github.com/rcp-care/rcp/internal/testenv"
)

func TestTry(t *testing.T) {
	d := testenv.Dovecot(t, testenv.DovecotUser("rcp@hopital.test", "p@ss:/é"))
	d.Deliver(t, "rcp@hopital.test", []byte("Subject: x\n\nbody\n"))
	box, err := Open(d.URL("rcp@hopital.test"))
	if err != nil {
		t.Fatal(err)
	}
	n, err := box.Poll(t.Context(), func(_ context.Context, m Message) (Folder, error) {
		t.Logf("%+v", m)
		return Done, nil
	})
	t.Log(n, err)
	t.Logf("%q %q", d.Messages(t, "rcp@hopital.test", ""), d.Messages(t, "rcp@hopital.test", "RCP.Traites"))
	if err != nil {
		t.Fatal(err)
	}
	box.Close()
}
