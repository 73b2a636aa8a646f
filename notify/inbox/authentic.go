package inbox

import (
	"strings"

	"github.com/emersion/go-msgauth/authres"
)

// authentic reports whether the receiving server vouches for the sender's
// domain: DMARC passed, or a DKIM signature of that domain did (RFC 8601). A
// mail that no server stamped is taken as it is. Servers write their word on
// top, so the topmost counts; with a name (authserv-id) given, the topmost of
// that name is wanted, and what others wrote is nobody's word.
func authentic(results []string, server, sender string) bool {
	_, domain, _ := strings.Cut(sender, "@")
	domain = strings.ToLower(domain)
	for _, field := range results {
		field = bare(field)
		who, all, err := authres.Parse(field)
		if server != "" && !strings.EqualFold(serverName(who, field), server) {
			continue
		}
		return err == nil && passes(all, domain)
	}
	return server == ""
}

// serverName is the authserv-id, also of a field that is broken further on.
func serverName(parsed, field string) string {
	if parsed != "" {
		return strings.Fields(parsed)[0]
	}
	first, _, _ := strings.Cut(field, ";")
	if f := strings.Fields(first); len(f) > 0 {
		return f[0]
	}
	return ""
}

func passes(all []authres.Result, domain string) bool {
	if domain == "" {
		return false
	}
	for _, r := range all {
		switch r := r.(type) {
		case *authres.DMARCResult:
			if r.Value == authres.ResultPass && (r.From == "" || aligned(r.From, domain)) {
				return true
			}
		case *authres.DKIMResult:
			if r.Value == authres.ResultPass && aligned(signer(r), domain) {
				return true
			}
		}
	}
	return false
}

func signer(r *authres.DKIMResult) string {
	if r.Domain != "" {
		return r.Domain
	}
	return r.Identifier[strings.LastIndexByte(r.Identifier, '@')+1:]
}

// aligned reports whether a domain speaks for a sender's: the same, or one
// above it (RFC 7489 section 3.1.1; we know no list of public suffixes, and no
// signature is ever made for one).
func aligned(signer, domain string) bool {
	signer = strings.ToLower(strings.Trim(signer, ". "))
	return signer != "" && strings.Contains(signer, ".") && (domain == signer || strings.HasSuffix(domain, "."+signer))
}

// bare takes the comments out of a field, and out of quoted words what could
// end one: both can hold what the sender wrote (RFC 8601 section 2.2).
func bare(field string) string {
	var b strings.Builder
	depth, quoted, escaped := 0, false, false
	for _, r := range field {
		switch {
		case escaped:
			escaped = false
		case r == '\\':
			escaped = true
		case r == '"' && depth == 0:
			quoted = !quoted
		case quoted:
			if depth == 0 && r > ' ' && r != ';' && r != '=' {
				b.WriteRune(r)
			}
		case r == '(':
			depth++
		case r == ')':
			depth = max(depth-1, 0)
		case depth == 0:
			b.WriteRune(r)
		}
	}
	return b.String()
}
