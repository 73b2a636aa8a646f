package auth

import (
	"net/mail"
	"strings"
)

// Usable reports whether mail can be sent to an address: a bare ASCII
// addr-spec (RFC 5321), nothing around it.
func Usable(address string) bool {
	address = strings.TrimSpace(address)
	for _, r := range address {
		if r <= ' ' || r > '~' {
			return false
		}
	}
	a, err := mail.ParseAddress(address)
	return err == nil && a.Name == "" && a.Address == address && len(address) <= 254
}

// Mailable reports whether the person can be reached by mail.
func (p Professional) Mailable() bool { return p.Email != "" && Usable(p.Email) }

// Fold returns an address as it is compared: trimmed and in lower case.
func Fold(address string) string { return strings.ToLower(strings.TrimSpace(address)) }
