package check

import (
	"bytes"
	"compress/zlib"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
)

// The objects of a PDF (ISO 32000-1, 7.3). Numbers are float64, booleans bool,
// null nil; anything else that stands alone, an operator, is a word.
type (
	name   string
	text   string // the bytes of a string
	ref    int
	word   string
	array  []any
	dict   map[string]any
	stream struct {
		dict
		raw []byte
	}
)

// maxDepth and maxData bound what a hostile file can ask for.
const (
	maxDepth = 64
	maxData  = 64 << 20
)

// reader reads objects one after the other.
type reader struct {
	b     []byte
	at    int
	depth int
	bad   bool // no object could be read where one should be
}

func blank(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}
func delimiter(c byte) bool { return bytes.IndexByte([]byte("()<>[]{}/%"), c) >= 0 }

func (r *reader) skip() {
	for r.at < len(r.b) {
		switch {
		case blank(r.b[r.at]):
			r.at++
		case r.b[r.at] == '%':
			for r.at < len(r.b) && r.b[r.at] != '\n' && r.b[r.at] != '\r' {
				r.at++
			}
		default:
			return
		}
	}
}

// end reports whether nothing but blanks is left.
func (r *reader) end() bool {
	r.skip()
	return r.at >= len(r.b)
}

func (r *reader) peek(s string) bool { return bytes.HasPrefix(r.b[r.at:], []byte(s)) }

// value reads one object.
func (r *reader) value() any {
	if r.end() || r.depth > maxDepth {
		return r.fail()
	}
	r.depth++
	defer func() { r.depth-- }()
	switch {
	case r.peek("<<"):
		return r.dictionary()
	case r.peek("["):
		return r.list()
	case r.peek("<"):
		return r.hexadecimal()
	case r.peek("("):
		return r.literal()
	case r.peek("/"):
		r.at++
		return name(unescape(r.token()))
	}
	return r.atom()
}

func (r *reader) fail() any {
	r.bad, r.at = true, len(r.b)
	return nil
}

func (r *reader) token() string {
	begin := r.at
	for r.at < len(r.b) && !blank(r.b[r.at]) && !delimiter(r.b[r.at]) {
		r.at++
	}
	return string(r.b[begin:r.at])
}

// unescape undoes #xx in a name.
func unescape(s string) string {
	for i := 0; i+2 < len(s); i++ {
		if c, err := hex.DecodeString(s[i+1 : i+3]); s[i] == '#' && err == nil {
			s = s[:i] + string(c) + s[i+3:]
		}
	}
	return s
}

// atom reads a number, a reference or a word.
func (r *reader) atom() any {
	t := r.token()
	switch t {
	case "":
		return r.fail()
	case "true", "false":
		return t == "true"
	case "null":
		return nil
	}
	if n, err := strconv.Atoi(t); err == nil && n >= 0 {
		if r.peek(" 0 R") {
			r.at += 4
			return ref(n)
		}
	}
	if f, err := strconv.ParseFloat(t, 64); err == nil {
		return f
	}
	return word(t)
}

func (r *reader) list() any {
	r.at++
	out := array{}
	for !r.end() && !r.peek("]") {
		out = append(out, r.value())
	}
	if r.bad || r.at >= len(r.b) {
		return r.fail()
	}
	r.at++
	return out
}

func (r *reader) dictionary() any {
	r.at += 2
	out := dict{}
	for !r.end() && !r.peek(">>") {
		key, ok := r.value().(name)
		if !ok {
			return r.fail()
		}
		if _, twice := out[string(key)]; twice {
			return r.fail()
		}
		out[string(key)] = r.value()
	}
	if r.bad || r.at >= len(r.b) {
		return r.fail()
	}
	r.at += 2
	return out
}

func (r *reader) hexadecimal() any {
	end := bytes.IndexByte(r.b[r.at:], '>')
	if end < 0 {
		return r.fail()
	}
	b, err := hex.DecodeString(string(r.b[r.at+1 : r.at+end]))
	if err != nil {
		return r.fail()
	}
	r.at += end + 1
	return text(b)
}

var escapes = map[byte]byte{'n': '\n', 'r': '\r', 't': '\t', 'b': '\b', 'f': '\f'}

// literal reads (…), with \ before what it escapes; we write no octal codes.
func (r *reader) literal() any {
	var b []byte
	depth := 0
	for ; r.at < len(r.b); r.at++ {
		c := r.b[r.at]
		switch {
		case c == '\\' && r.at+1 < len(r.b):
			r.at++
			c = r.b[r.at]
			if e, ok := escapes[c]; ok {
				c = e
			}
		case c == '(':
			if depth++; depth == 1 {
				continue
			}
		case c == ')':
			if depth--; depth == 0 {
				r.at++
				return text(b)
			}
		}
		b = append(b, c)
	}
	return r.fail()
}

// object reads « n 0 obj … endobj » at an offset.
func object(b []byte, at, n int) (any, error) {
	head := fmt.Sprintf("%d 0 obj\n", n)
	if at < 0 || at > len(b) || !bytes.HasPrefix(b[at:], []byte(head)) {
		return nil, fmt.Errorf("object %d is not where the table says", n)
	}
	r := &reader{b: b, at: at + len(head)}
	v := r.value()
	r.skip()
	d, ok := v.(dict)
	if ok && r.peek("stream\n") {
		length, _ := d["Length"].(float64)
		begin := r.at + len("stream\n")
		if length < 0 || begin+int(length) > len(b) {
			return nil, fmt.Errorf("object %d: the stream is longer than the file", n)
		}
		r.at = begin + int(length)
		v = stream{d, b[begin:r.at]}
		if !r.peek("\nendstream") {
			return nil, fmt.Errorf("object %d: the stream's length is wrong", n)
		}
		r.at += len("\nendstream")
		r.skip()
	}
	if r.bad || !r.peek("endobj") {
		return nil, fmt.Errorf("object %d is malformed", n)
	}
	return v, nil
}

// data is what a stream holds.
func (s stream) data() ([]byte, error) {
	switch s.dict["Filter"] {
	case nil:
		return s.raw, nil
	case name("FlateDecode"):
	default:
		return nil, fmt.Errorf("filter %v", s.dict["Filter"])
	}
	z, err := zlib.NewReader(bytes.NewReader(s.raw))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(z, maxData))
}
