package papers

import (
	"bytes"
	"compress/zlib"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"

	"github.com/rcp-care/rcp/internal/lang"
)

// Limits of what a PDF may become when its object streams are inflated, bytes,
// and of how many streams are looked at: a thick file of text has some thousand.
const (
	maxStream  = 32 << 20
	maxStreams = 128 << 20
	maxBegun   = 50_000
)

// active are the names without which a PDF does nothing by itself (ISO 32000-1,
// sections 12.6.4, 7.11.4, 12.7.8 and 13.6), by the reason they are refused for. They are
// looked for everywhere, in what is no dictionary too: they are long enough.
var active = map[string]string{
	"JavaScript": "script", "Launch": "launch", "EmbeddedFile": "attachment", "EmbeddedFiles": "attachment",
	"RichMedia": "media", "SubmitForm": "form", "ImportData": "form", "XFA": "form", "GoToE": "attachment",
}

// opaque are the filters that an object stream must not be hidden behind: only
// deflate is undone here.
var opaque = []string{"ASCIIHexDecode", "ASCII85Decode", "LZWDecode", "RunLengthDecode", "AHx", "A85", "Crypt"}

// checkPDF refuses a PDF that is broken, encrypted, does something by itself or
// carries files. It looks at every name of the file and of its object streams,
// wherever it stands, so that it does not depend on how a reader would follow
// the file; what it cannot look into it refuses. Best effort, beside the
// scanner and the sandbox that documents are served in.
func checkPDF(raw []byte) error {
	if err := checkFrame(raw); err != nil {
		return err
	}
	found := namesOf(raw)
	if found["Encrypt"] > 0 {
		return refusal("pdf-encrypted", lang.Mark("Ce PDF est protégé : il ne peut pas être vérifié. Enregistrez-en une copie sans protection."))
	}
	bodies, err := objectStreams(raw)
	if err != nil {
		return err
	}
	if found["ObjStm"] > len(bodies) || found["ObjStm"] > 0 && slices.ContainsFunc(opaque, func(n string) bool { return found[n] > 0 }) {
		return opaquePDF()
	}
	for _, text := range append([][]byte{raw}, bodies...) {
		if err := checkNames(namesOf(text)); err != nil {
			return err
		}
		if !opensOnAPage(text, raw, bodies) {
			return refusal("pdf-open", lang.Mark("Ce PDF fait quelque chose dès qu’on l’ouvre. Imprimez-le en PDF, puis recommencez."))
		}
	}
	return nil
}

var startxref = regexp.MustCompile(`startxref[\s\x00]+(\d{1,10})[\s\x00]+%%EOF[\s\x00]*$`)

// checkFrame wants a PDF from its first byte to its last (ISO 32000-1, section
// 7.5.5), so that it is nothing else as well.
func checkFrame(raw []byte) error {
	m := startxref.FindSubmatch(raw[max(len(raw)-2048, 0):])
	if m == nil {
		return damagedPDF()
	}
	at, err := strconv.Atoi(string(m[1]))
	if err != nil || at >= len(raw) {
		return damagedPDF()
	}
	there := bytes.TrimLeft(raw[at:min(at+64, len(raw))], "\x00\t\n\f\r ")
	if at != 0 && !bytes.HasPrefix(there, []byte("xref")) && !regexp.MustCompile(`^\d+\s+\d+\s+obj`).Match(there) {
		return damagedPDF()
	}
	return nil
}

func opaquePDF() error {
	return refusal("pdf-opaque", lang.Mark("Ce PDF ne peut pas être vérifié jusqu’au bout. Ouvrez-le, imprimez-le en PDF, puis recommencez."))
}

func damagedPDF() error {
	return refusal("damaged", lang.Mark("Ce PDF est incomplet ou abîmé. Ouvrez-le, enregistrez-le de nouveau, puis recommencez."))
}

func checkNames(found map[string]int) error {
	for name, why := range active {
		if found[name] > 0 {
			return refusal("pdf-"+why, activeWords[why])
		}
	}
	return nil
}

var activeWords = map[string]string{
	"script":     lang.Mark("Ce PDF contient un programme (JavaScript). Imprimez-le en PDF, puis recommencez."),
	"launch":     lang.Mark("Ce PDF lance un autre programme. Imprimez-le en PDF, puis recommencez."),
	"attachment": lang.Mark("Ce PDF porte des fichiers joints. Imprimez-le en PDF, ou ajoutez les fichiers un par un."),
	"media":      lang.Mark("Ce PDF contient un son, une vidéo ou une animation. Imprimez-le en PDF, puis recommencez."),
	"form":       lang.Mark("Ce PDF est un formulaire qui envoie ou va chercher des données. Imprimez-le en PDF, puis recommencez."),
}

// namesOf counts the names of a text, as they are meant: /J#61vaScript is
// JavaScript (ISO 32000-1, section 7.3.5). Only names of interest count.
func namesOf(text []byte) map[string]int {
	found := map[string]int{}
	for at := 0; ; {
		i := bytes.IndexByte(text[at:], '/')
		if i < 0 {
			return found
		}
		at += i + 1
		if name := nameAt(text[at:]); interesting(name) {
			found[name]++
		}
	}
}

func interesting(name string) bool {
	return active[name] != "" || name == "Encrypt" || name == "ObjStm" || slices.Contains(opaque, name)
}

// longestName is more than the names of interest have letters, each written
// with three.
const longestName = 60

// nameAt is the name that a text begins with, its escapes undone.
func nameAt(text []byte) string {
	var name []byte
	for i := 0; i < len(text) && i < longestName; i++ {
		c := text[i]
		if bytes.IndexByte([]byte("\x00\t\n\f\r ()<>[]{}/%"), c) >= 0 {
			break
		}
		if c == '#' && i+2 < len(text) {
			if v, err := strconv.ParseUint(string(text[i+1:i+3]), 16, 8); err == nil {
				c, i = byte(v), i+2
			}
		}
		name = append(name, c)
	}
	return string(name)
}

var stream = []byte("stream")

// objectHead is how the content of an object stream begins: pairs of numbers,
// then an object (ISO 32000-1, section 7.5.7).
var objectHead = regexp.MustCompile(`^[\s\x00]*\d+[\s\x00]+\d+[\s\x00\d]*[<\[(/%tfn+\-.\d]`)

// objectStreams inflates every stream that can be one of objects, wherever the
// word that begins one stands.
func objectStreams(raw []byte) ([][]byte, error) {
	var bodies [][]byte
	total, begun := 0, 0
	for at := 0; ; begun++ {
		i := bytes.Index(raw[at:], stream)
		if i < 0 {
			return bodies, nil
		}
		if begun == 2*maxBegun { // "endstream" has the word too
			return nil, opaquePDF()
		}
		at += i + len(stream)
		data := bytes.TrimLeft(raw[at:min(at+8, len(raw))], "\t\r\n ")
		body, err := inflate(raw[at+min(8, len(raw)-at)-len(data):])
		if err != nil {
			return nil, err
		}
		if body == nil {
			continue
		}
		if total += len(body); total > maxStreams {
			return nil, bomb()
		}
		bodies = append(bodies, body)
	}
}

// inflate returns a stream that looks like one of objects, else nil.
func inflate(data []byte) ([]byte, error) {
	z, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, nil //nolint:nilerr // no deflated stream
	}
	defer z.Close()
	head := make([]byte, 4096)
	n, err := io.ReadFull(z, head)
	if !objectHead.Match(head[:n]) || err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, nil //nolint:nilerr // a picture, a font
	}
	rest, err := io.ReadAll(io.LimitReader(z, maxStream+1)) // what is cut short is read as far as it goes
	if len(rest) > maxStream {
		return nil, bomb()
	}
	_ = err
	return append(head[:n:n], rest...), nil
}

func bomb() error {
	return refusal("pdf-bomb", lang.Mark("Ce PDF prend trop de place une fois décompressé. Imprimez-le en PDF, puis recommencez."))
}

var (
	openAction = regexp.MustCompile(`/OpenAction[\s\x00]*(\[|null|(\d{1,10})[\s\x00]+(\d{1,10})[\s\x00]+R|<<|)`)
	actionKind = regexp.MustCompile(`/S[\s\x00]*/([A-Za-z#0-9]+)`)
)

// maxOpenings bounds how often a text may say what it does on opening: once, and
// once more each time that it was saved upon itself. To look each of them up is
// to read the whole file.
const maxOpenings = 16

// opensOnAPage reports whether what a text does on opening is to show a page.
func opensOnAPage(text, raw []byte, bodies [][]byte) bool {
	all := openAction.FindAllSubmatchIndex(text, maxOpenings+1)
	if len(all) > maxOpenings || escapedOpen(text) {
		return false
	}
	for _, m := range all {
		switch how := string(text[m[2]:m[3]]); {
		case how == "[" || how == "null":
		case how == "<<":
			if !showsPage(text[m[2]:]) {
				return false
			}
		case m[4] >= 0:
			number := string(text[m[4]:m[5]])
			found := objects(number, raw, bodies)
			if len(found) == 0 || slices.ContainsFunc(found, func(o []byte) bool { return !showsPage(o) }) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// escapedOpen finds the name OpenAction written so that it is not recognised.
func escapedOpen(text []byte) bool {
	for at := 0; ; {
		i := bytes.Index(text[at:], []byte("/"))
		if i < 0 {
			return false
		}
		at += i + 1
		if nameAt(text[at:]) == "OpenAction" && !bytes.HasPrefix(text[at:], []byte("OpenAction")) {
			return true
		}
	}
}

// showsPage reports whether an object is a destination, or an action that goes
// to one.
func showsPage(object []byte) bool {
	object = bytes.TrimLeft(object, "\x00\t\n\f\r ")
	if bytes.HasPrefix(object, []byte("[")) {
		return true
	}
	if end := bytes.Index(object, []byte(">>")); end >= 0 {
		object = object[:end]
	}
	kinds := actionKind.FindAllSubmatch(object, -1)
	return len(kinds) == 1 && string(kinds[0][1]) == "GoTo" && !bytes.Contains(object, []byte("/Next"))
}

// objects finds every object of a number, in the file and in its object streams.
func objects(number string, raw []byte, bodies [][]byte) [][]byte {
	var found [][]byte
	for _, m := range regexp.MustCompile(`(?:^|[^\d])`+number+`[\s\x00]+\d+[\s\x00]+obj`).FindAllIndex(raw, -1) {
		found = append(found, raw[m[1]:min(m[1]+2048, len(raw))])
	}
	for _, body := range bodies {
		if o := packed(number, body); o != nil {
			found = append(found, o)
		}
	}
	return found
}

// packed finds an object in an object stream: its head says numbers and
// offsets, counted from where the head ends.
func packed(number string, body []byte) []byte {
	end := bytes.IndexAny(body, "<[(/%tfn")
	if end < 0 {
		return nil
	}
	pairs := bytes.Fields(body[:end])
	for i := 0; i+1 < len(pairs); i += 2 {
		if string(pairs[i]) != number {
			continue
		}
		if off, err := strconv.Atoi(string(pairs[i+1])); err == nil && off >= 0 && off < len(body)-end {
			return body[end+off:]
		}
	}
	return nil
}
