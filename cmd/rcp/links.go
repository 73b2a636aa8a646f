package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/config"
	"github.com/rcp-care/rcp/internal/link"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/notify"
)

// newSigner signs answer links with RCP_SECRET or, without it, with a secret
// that the first process to start puts into the database.
func newSigner(ctx context.Context, c config.Config, s *store.Store) (link.Signer, error) {
	if c.Secret != "" {
		return link.New(c.Secret), nil
	}
	fresh := make([]byte, link.MinSecret)
	_, _ = rand.Read(fresh) // never fails
	secret, err := s.Secret(ctx, "links", hex.EncodeToString(fresh))
	return link.New(secret), err
}

// trackLink is the address that mails to askers outside carry.
func trackLink(base string, signer link.Signer) notify.TrackLink {
	return func(o agenda.Outside) string { return base + "/t/" + signer.Sign(o.Ticket()) }
}

// answerLink is the address that invitations carry.
func answerLink(base string, signer link.Signer, now func() time.Time) notify.AnswerLink {
	return func(st meetings.State, n meetings.Notice) string {
		token := signer.Sign(st.Link(n.Who, now()))
		if token == "" {
			return ""
		}
		return base + "/r/" + token
	}
}
