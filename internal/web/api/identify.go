package api

import (
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"golang.org/x/text/language"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/lang"
)

// actorKey is where the request log finds who calls.
const actorKey = "rcp.actor"

// identify finds who calls by their bearer token (RFC 6750), before anything
// of the request is read.
func (s *server) identify(ctx huma.Context, next func(huma.Context)) {
	c := caller{lang: languageOf(ctx.Header("Accept-Language"), "")}
	if isPublic(ctx.Operation()) {
		next(huma.WithValue(ctx, callerKey{}, c))
		return
	}
	g := humagin.Unwrap(ctx)
	token, ok := bearer(ctx.Header("Authorization"))
	if !ok {
		s.write(g, fault.New(fault.Unauthenticated, "api.identify", "Un jeton d’accès est attendu."))
		return
	}
	a, err := s.cfg.Auth.Bearer(ctx.Context(), token, g.ClientIP())
	if err != nil {
		if fault.Is(err, fault.Unauthenticated) {
			g.Header("WWW-Authenticate", challenge+`, error="invalid_token"`)
			err = fault.New(fault.Unauthenticated, "api.identify", "Ce jeton d’accès n’est pas valable.")
		}
		s.write(g, err)
		return
	}
	g.Set(actorKey, a.Professional)
	next(huma.WithValue(ctx, callerKey{}, callerOf(a, ctx.Header("Accept-Language"))))
}

func callerOf(a auth.Actor, accept string) caller {
	return caller{Actor: a, lang: languageOf(accept, a.Lang)}
}

// public marks a route that wants no token.
func public(op huma.Operation) huma.Operation {
	op.Security = []map[string][]string{{}}
	return op
}

func isPublic(op *huma.Operation) bool { return len(op.Security) == 1 && len(op.Security[0]) == 0 }

func bearer(header string) (string, bool) {
	scheme, token, _ := strings.Cut(header, " ")
	token = strings.TrimSpace(token)
	return token, strings.EqualFold(scheme, "Bearer") && token != ""
}

// languageOf is the language asked for, else the person's own.
func languageOf(accept, own string) string {
	if accept == "" {
		return lang.Known(own)
	}
	_, i := language.MatchStrings(language.NewMatcher([]language.Tag{language.French, language.English}), accept)
	return []string{lang.French, lang.English}[i]
}

const challenge = `Bearer realm="rcp"`

// challengeOf is the WWW-Authenticate header that a status wants.
func challengeOf(status int) http.Header {
	if status != http.StatusUnauthorized {
		return nil
	}
	return http.Header{"Www-Authenticate": {challenge}}
}
