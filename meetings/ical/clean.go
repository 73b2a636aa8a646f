package ical

import (
	"errors"
	"net/url"
	"strings"
	"unicode"
)

// cleanText keeps the line breaks of s as LF and drops what could mislead a
// reader or a parser: invalid UTF-8, control and bidirectional characters,
// invisible marks.
func cleanText(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Trim(strings.Map(cleanRune, s), " \n")
}

func cleanRune(r rune) rune {
	switch r {
	case '\n', '\r', '\v', '\f', '\u0085', '\u2028', '\u2029':
		return '\n'
	case '\t':
		return ' '
	}
	if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || invisible(r) {
		return -1
	}
	return r
}

// invisible reports zero-width marks that carry no meaning in French text and
// can hide words. The joiners U+200C and U+200D stay: scripts and emoji need them.
func invisible(r rune) bool {
	return r == '\uFEFF' || r == '\u200B' ||
		r >= '\u2060' && r <= '\u206F' || r >= '\U000E0000' && r <= '\U000E007F'
}

// cleanLine is cleanText on a single line.
func cleanLine(s string) string {
	return strings.Trim(strings.ReplaceAll(cleanText(s), "\n", " "), " ")
}

// cleanParam is cleanLine for a parameter value, where RFC 5545 section 3.2
// allows no double quote, and where some parsers read the backslash and, since
// RFC 6868, the caret as escapes.
func cleanParam(s string) string {
	s = paramEscapes.Replace(cleanLine(s))
	return strings.Trim(s, " ")
}

var (
	paramEscapes = strings.NewReplacer(`"`, "'", `\`, "/", "^", "")
	// RFC 6068 section 2: these would end the address part of the URI.
	addressEscapes = strings.NewReplacer("%", "%25", "?", "%3F", "#", "%23", "/", "%2F")
)

var errAddress = errors.New("not a plain ASCII mail address")

// mailto turns a bare address into a calendar user address. An address is
// refused rather than mended: a mended one is somebody else's.
func mailto(address string) (string, error) {
	local, domain, ok := strings.Cut(address, "@")
	if !ok || local == "" || domain == "" || len(address) > 254 {
		return "", errAddress
	}
	if !printableASCII(address) || strings.ContainsAny(address, "\"(),:;<>[\\]`{|}^") || strings.Contains(domain, "@") {
		return "", errAddress
	}
	return "mailto:" + addressEscapes.Replace(address), nil
}

var errLink = errors.New("not an http or https address")

// link checks a conference address and returns it in ASCII.
func link(raw string) (string, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return "", errLink // err repeats the address: not for a log
	}
	s := u.String()
	if u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || !printableASCII(s) {
		return "", errLink
	}
	return s, nil
}

func printableASCII(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
