package check

import (
	"bytes"
	"crypto/md5" //nolint:gosec // the check sum of ISO 32000-1, 7.11.4, no secret
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"time"
	"unicode/utf16"
)

// The names of the metadata's schemas.
const (
	nsPDF  = "http://ns.adobe.com/pdf/1.3/"
	nsXMP  = "http://ns.adobe.com/xap/1.0/"
	nsDC   = "http://purl.org/dc/elements/1.1/"
	nsPDFA = "http://www.aiim.org/pdfa/ns/id/"
	nsUA   = "http://www.aiim.org/pdfua/ns/id/"
)

// metadata: the XMP packet says what the document conforms to, and the same of
// the document as its information dictionary.
func (d *document) metadata() {
	d.want(d.at(d.catalog, "Metadata", "Subtype") == name("XML") && d.at(d.catalog, "Metadata", "Type") == name("Metadata") &&
		d.at(d.catalog, "Metadata", "Filter") == nil, "the metadata are no plain XML")
	packet := d.unpacked("the metadata", d.catalog, "Metadata")
	d.want(bytes.HasPrefix(packet, []byte("<?xpacket begin=\"\ufeff\"")) && bytes.HasSuffix(packet, []byte("<?xpacket end=\"w\"?>")),
		"the metadata are no XMP packet")
	said, err := properties(packet)
	if err != nil {
		d.tell("the metadata are malformed")
		return
	}
	d.want(said[nsPDFA+"part"] == "3" && said[nsPDFA+"conformance"] == "A", "the metadata do not say PDF/A-3a")
	d.want(said[nsUA+"part"] == "1", "the metadata do not say PDF/UA-1")
	d.want(bytes.Contains(packet, []byte("<pdfaSchema:namespaceURI>"+nsUA+"<")), "the metadata do not describe the schema of PDF/UA")
	d.want(said[nsDC+"title"] != "", "the document has no title")
	info := d.dict(d.trailer, "Info")
	for _, p := range []struct{ key, property string }{
		{"Title", nsDC + "title"},
		{"Author", nsDC + "creator"},
		{"Creator", nsXMP + "CreatorTool"},
		{"Producer", nsPDF + "Producer"},
	} {
		s, _ := info[p.key].(text)
		d.want(decoded(s) == said[p.property], "%s is not the same in the metadata and in the information", p.key)
	}
	d.want(sameMoment(info["CreationDate"], said[nsXMP+"CreateDate"]), "CreationDate is not the same in the metadata and in the information")
	d.want(sameMoment(info["ModDate"], said[nsXMP+"ModifyDate"]), "ModDate is not the same in the metadata and in the information")
}

// properties reads the text of the packet's elements by namespace and name.
func properties(packet []byte) (map[string]string, error) {
	out, path := map[string]string{}, []string(nil)
	x := xml.NewDecoder(bytes.NewReader(packet))
	for {
		t, err := x.Token()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			path = append(path, t.Name.Space+t.Name.Local)
		case xml.EndElement:
			path = path[:len(path)-1]
		case xml.CharData:
			// xmpmeta, RDF, Description, then the property and its containers
			if s := string(t); len(path) > 3 && strings.TrimSpace(s) != "" {
				out[path[3]] += s
			}
		}
	}
}

// decoded is a text string: UTF-16 after its mark, else Latin letters.
func decoded(s text) string {
	if !strings.HasPrefix(string(s), "\xfe\xff") {
		return string(s)
	}
	var u []uint16
	for i := 2; i+1 < len(s); i += 2 {
		u = append(u, uint16(s[i])<<8|uint16(s[i+1]))
	}
	return string(utf16.Decode(u))
}

func sameMoment(pdf any, xmp string) bool {
	s, _ := pdf.(text)
	a, err := time.Parse("D:20060102150405-0700", strings.ReplaceAll(string(s), "'", ""))
	if err != nil {
		return false
	}
	b, err := time.Parse("2006-01-02T15:04:05-07:00", xmp)
	return err == nil && a.Equal(b)
}

// attachment: one file, the data of the minutes, associated with the document.
func (d *document) attachment() {
	af, names := d.list(d.catalog, "AF"), d.list(d.catalog, "Names", "EmbeddedFiles", "Names")
	if len(af) != 1 || len(names) != 2 || af[0] != names[1] {
		d.tell("there is not one file attached and associated with the document")
		return
	}
	f := d.dict(af[0])
	file, _ := f["F"].(text)
	unicode, _ := f["UF"].(text)
	d.want(f["Type"] == name("Filespec") && file != "" && decoded(unicode) == string(file) && names[0] == file,
		"the attached file is not named the same everywhere")
	d.want(f["AFRelationship"] == name("Source"), "the attached file is not said to be the source")
	d.want(f["Desc"] != nil, "the attached file is not described")
	d.want(d.at(f, "EF", "F") != nil && f["EF"] != nil && d.dict(f, "EF")["F"] == d.dict(f, "EF")["UF"], "the attached file has two contents")
	d.want(d.at(f, "EF", "F", "Subtype") == name("application/json"), "the attached file is not said to be JSON")
	data := d.unpacked("the attached file", f, "EF", "F")
	d.want(json.Valid(data), "the attached file is no JSON")
	params := d.dict(f, "EF", "F", "Params")
	sum := md5.Sum(data) //nolint:gosec // see the import
	d.want(params["Size"] == float64(len(data)) && params["CheckSum"] == text(sum[:]), "the attached file has another size or check sum")
	d.want(params["ModDate"] != nil, "the attached file has no date")
}
