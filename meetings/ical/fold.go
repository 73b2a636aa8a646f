package ical

import (
	"bytes"
	"unicode/utf8"
)

// maxLine is the most octets a line may hold, its CRLF apart (RFC 5545
// section 3.1).
const maxLine = 75

// fold breaks the long lines of an encoded object. Each line of in ends with
// CRLF and is valid UTF-8.
func fold(in []byte) []byte {
	var out bytes.Buffer
	out.Grow(len(in) + len(in)/maxLine*3)
	for line := range bytes.SplitAfterSeq(in, []byte("\r\n")) {
		foldLine(&out, line)
	}
	return out.Bytes()
}

func foldLine(out *bytes.Buffer, line []byte) {
	text, ended := bytes.CutSuffix(line, []byte("\r\n"))
	for room := maxLine; len(text) > room; room = maxLine - 1 {
		cut := room
		for !utf8.RuneStart(text[cut]) {
			cut--
		}
		out.Write(text[:cut])
		out.WriteString("\r\n ")
		text = text[cut:]
	}
	out.Write(text)
	if ended {
		out.WriteString("\r\n")
	}
}
