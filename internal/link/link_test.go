package link_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/link"
)

var now = time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)

func signer() link.Signer { return link.New(strings.Repeat("s", link.MinSecret)) }

func TestATokenIsReadBackAsItWasSigned(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := link.Token{
			Purpose: rapid.SampledFrom([]link.Purpose{link.Meeting, link.Series}).Draw(t, "purpose"),
			Object:  id.New[string](), Professional: id.New[id.Professional](),
			Expires: now.Add(time.Duration(rapid.IntRange(1, 40_000_000).Draw(t, "seconds")) * time.Second),
			Epoch:   rapid.IntRange(0, 1<<30).Draw(t, "epoch"),
		}
		text := signer().Sign(want)
		if strings.ContainsAny(text, "+/=") || len(text) > 90 {
			t.Errorf("no good address: %q", text)
		}
		got, err := signer().Read(text, now)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestNothingElseIsRead(t *testing.T) {
	t.Parallel()
	good := link.Token{Purpose: link.Meeting, Object: id.New[string](), Professional: id.New[id.Professional](), Expires: now.Add(time.Hour)}
	text := signer().Sign(good)
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	try := func(name, text string, at time.Time) {
		t.Helper()
		if got, err := signer().Read(text, at); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	for i := range raw { // each byte counts: version, purpose, ids, expiry, epoch, MAC
		forged := append([]byte(nil), raw...)
		forged[i] ^= 1
		try("forged", base64.RawURLEncoding.EncodeToString(forged), now)
	}
	try("expired", text, good.Expires)
	try("empty", "", now)
	try("cut", text[:len(text)-4], now)
	try("longer", text+"AAAA", now)
	try("another encoding", base64.StdEncoding.EncodeToString(raw), now)
	try("another secret", link.New(strings.Repeat("t", link.MinSecret)).Sign(good), now)
	strange := good
	strange.Purpose = 'x'
	try("another purpose", signer().Sign(strange), now)
	if _, err := signer().Read(text, now); err != nil {
		t.Errorf("the good one: %v", err)
	}
}

func TestOnlyIdsAreSigned(t *testing.T) {
	t.Parallel()
	if got := signer().Sign(link.Token{Purpose: link.Meeting, Object: "meeting-1", Professional: "AUBRIOT"}); got != "" {
		t.Errorf("signed %q", got)
	}
}
