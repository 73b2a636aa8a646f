// Package templates holds what people read, embedded in the program: pages and
// their partials, mail texts, static files and the English of every French
// sentence. It holds no logic: internal/web fills the pages, notify the mails,
// internal/lang reads the languages.
//
// What always holds: no style attribute, no inline script and no handler
// attribute stands in a template (the pages are served under a strict
// Content-Security-Policy), and every sentence is the argument of T or N.
package templates

import "embed"

// FS is pages/*.html, partials/*.html, mails/*, static/* and lang/en.json.
//
//go:embed pages partials static lang all:mails
var FS embed.FS
