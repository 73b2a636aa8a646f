// Package link makes and reads the addresses at which somebody answers an
// invitation, or asks a team to discuss a patient, without mail and without a
// password.
//
// What always holds: a token names one person and one object, a series, a meeting,
// an invitation to ask or a request, and nothing else: no name, no patient; it ends by itself, and it was
// made with our secret or is refused before anything is looked up. Whether the
// person is still invited, and whether they took their links back (Epoch), is
// for the service that answers.
package link

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// MinSecret is the least bytes of a secret: those of the hash (RFC 2104
// section 3).
const MinSecret = 32

// Purpose is what a token opens.
type Purpose byte

// The purposes.
const (
	Meeting Purpose = 'm' // one meeting, or one date of a series
	Series  Purpose = 's' // every date of a series
	Ask     Purpose = 'd' // asking a team for a patient; the professional gave the address out
	Track   Purpose = 't' // seeing where a request stands; the person is the address it came by
)

// Token is what an address says.
type Token struct {
	Purpose      Purpose
	Object       string // id of the meeting or series
	Professional id.Professional
	Expires      time.Time // to the second
	Epoch        int       // of the professional when it was made: raising it revokes
}

// The form of a token: version, purpose, object, professional, expiry, epoch,
// then the MAC of all that.
const (
	version = 1
	macSize = 16 // half of the hash (RFC 2104 section 5)
	size    = 1 + 1 + 16 + 16 + 8 + 4
)

// Signer signs tokens and reads them back.
type Signer struct{ key []byte }

// New returns a signer with a key of its own derived from the secret. The
// secret has at least [MinSecret] bytes: who sets it sees to that.
func New(secret string) Signer {
	return Signer{key: sum([]byte(secret), []byte("rcp answer link"))}
}

// Sign writes a token for an address. Ids that are no UUID give an empty one.
func (s Signer) Sign(t Token) string {
	raw := append(make([]byte, 0, size+macSize), version, byte(t.Purpose))
	for _, v := range []string{t.Object, string(t.Professional)} {
		b, err := hex.DecodeString(strings.ReplaceAll(v, "-", ""))
		if err != nil || len(b) != 16 {
			return ""
		}
		raw = append(raw, b...)
	}
	raw = binary.BigEndian.AppendUint64(raw, uint64(t.Expires.Unix())) //nolint:gosec // read back as it was
	raw = binary.BigEndian.AppendUint32(raw, uint32(t.Epoch))          //nolint:gosec // a count
	return base64.RawURLEncoding.EncodeToString(append(raw, s.mac(raw)...))
}

// Read returns what an address to answer at says at an instant. It is one
// fault.NotFound whatever is wrong with it, so that nobody learns what.
func (s Signer) Read(text string, now time.Time) (Token, error) {
	return s.ReadAs(text, now, Meeting, Series)
}

// ReadAs is Read for an address of one of the purposes.
func (s Signer) ReadAs(text string, now time.Time, purposes ...Purpose) (Token, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) != size+macSize || !hmac.Equal(raw[size:], s.mac(raw[:size])) || raw[0] != version {
		return Token{}, Refused("link.Read")
	}
	t := Token{
		Purpose: Purpose(raw[1]), Object: uuidOf(raw[2:18]), Professional: id.Professional(uuidOf(raw[18:34])),
		Expires: time.Unix(int64(binary.BigEndian.Uint64(raw[34:42])), 0).UTC(), //nolint:gosec // ours: the MAC holds
		Epoch:   int(binary.BigEndian.Uint32(raw[42:46])),
	}
	if !slices.Contains(purposes, t.Purpose) || !now.Before(t.Expires) {
		return Token{}, Refused("link.Read")
	}
	return t, nil
}

// Refused is the one answer to an address that opens nothing (any more).
func Refused(op string) error {
	return fault.New(fault.NotFound, op, "Ce lien ne sert plus.")
}

func (s Signer) mac(raw []byte) []byte { return sum(s.key, raw)[:macSize] }

func sum(key, raw []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(raw)
	return h.Sum(nil)
}

// uuidOf writes 16 bytes as a UUID.
func uuidOf(b []byte) string {
	h := hex.EncodeToString(b)
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}
