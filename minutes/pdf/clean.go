package pdf

import (
	"fmt"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// replacement stands for what cannot be drawn: emoji, bytes that are no text.
const replacement = '□'

// maxText is the longest text printed, in characters: about five pages. What
// is longer is cut, and the page says so with the number cut.
const maxText = 20_000

// cleaner makes texts drawable. What people typed keeps its words and spaces;
// only what a page cannot hold goes.
type cleaner struct {
	m        *measures
	replaced int // glyphs shown as □
}

// text returns s in NFC with valid UTF-8, without control, format and bidi
// characters; \n stays, tabs become spaces.
func (c *cleaner) text(s string) string {
	s, cut := shorten(s, maxText)
	s = norm.NFC.String(strings.ToValidUTF8(s, string(utf8.RuneError)))
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range newlines.Replace(s) {
		if d, ok := c.rune(r); ok {
			b.WriteRune(d)
		}
	}
	if cut > 0 {
		b.WriteString(fr(fmt.Sprintf(" [… texte coupé : %d caractères de plus]", cut)))
	}
	return b.String()
}

var newlines = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\v", "\n", "\f", "\n", "\u0085", "\n")

// rune returns what is drawn for r, or false when r is dropped.
func (c *cleaner) rune(r rune) (rune, bool) {
	switch {
	case r == '\n':
		return r, true
	case r == '\t':
		return ' ', true
	case unicode.In(r, unicode.Cc, unicode.Cf) || ignorable(r):
		return 0, false
	case r == utf8.RuneError || !c.m.has(r):
		c.replaced++
		return replacement, true
	}
	return r, true
}

// ignorable reports runes that have no glyph by definition: the grapheme
// joiner and the variation selectors (Unicode, Default_Ignorable_Code_Point).
func ignorable(r rune) bool {
	return r == 0x034F || (r >= 0xFE00 && r <= 0xFE0F) || (r >= 0xE0000 && r <= 0xE0FFF)
}

// shorten cuts s to limit characters and returns how many were cut.
func shorten(s string, limit int) (string, int) {
	if len(s) <= limit {
		return s, 0
	}
	n := 0
	for i := range s {
		if n == limit {
			return s[:i], utf8.RuneCountInString(s[i:])
		}
		n++
	}
	return s, 0
}

// all returns a copy of v with every string in it cleaned, whatever its depth,
// so that no field, today's or tomorrow's, reaches a page unclean.
func all[T any](c *cleaner, v T) T {
	out := reflect.New(reflect.TypeFor[T]()).Elem()
	out.Set(reflect.ValueOf(v))
	c.value(out)
	return out.Interface().(T)
}

func (c *cleaner) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(c.text(v.String()))
	case reflect.Slice:
		if v.IsNil() {
			return
		}
		own := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(own, v)
		for i := range own.Len() {
			c.value(own.Index(i))
		}
		v.Set(own)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				c.value(v.Field(i))
			}
		}
	}
}
