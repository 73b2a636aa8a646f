package pdf

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"math"
	"strings"
)

// program is what made the document.
const program = "RCP"

// packet is the XMP metadata: what the document is, what it conforms to, and
// the description of pdfuaid, which PDF/A does not know by itself (ISO
// 19005-3, 6.6.2.3).
func packet(i info) []byte {
	author := ""
	if i.author != "" {
		author = "<dc:creator><rdf:Seq><rdf:li>" + escaped(i.author) + "</rdf:li></rdf:Seq></dc:creator>"
	}
	at := i.at.Format("2006-01-02T15:04:05-07:00")
	return []byte(strings.NewReplacer("{title}", escaped(i.title), "{creator}", author, "{program}", program, "{at}", at).Replace(packetText))
}

func escaped(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s)) // writing to memory does not fail
	return b.String()
}

const packetText = `<?xpacket begin="` + "\ufeff" + `" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<dc:format>application/pdf</dc:format>
<dc:language><rdf:Bag><rdf:li>fr-FR</rdf:li></rdf:Bag></dc:language>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
{creator}<xmp:CreatorTool>{program}</xmp:CreatorTool>
<xmp:CreateDate>{at}</xmp:CreateDate>
<xmp:ModifyDate>{at}</xmp:ModifyDate>
<pdf:Producer>{program}</pdf:Producer>
<pdfaid:part>3</pdfaid:part>
<pdfaid:conformance>A</pdfaid:conformance>
<pdfuaid:part>1</pdfuaid:part>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 the document conforms to</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
</rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>`

// sRGB is an ICC profile (version 2.1) of the colours of IEC 61966-2-1: its
// white, its primaries adapted to D50, and its curve in 1,024 steps.
func sRGB() []byte {
	curve := binary.BigEndian.AppendUint32([]byte("curv\x00\x00\x00\x00"), 1024)
	for i := range 1024 {
		curve = binary.BigEndian.AppendUint16(curve, uint16(math.Round(linear(float64(i)/1023)*65535)))
	}
	name := "sRGB IEC61966-2.1\x00"
	description := binary.BigEndian.AppendUint32([]byte("desc\x00\x00\x00\x00"), uint32(len(name))) //nolint:gosec // a profile of some kilobytes
	description = append(append(description, name...), make([]byte, 4+4+2+1+67)...)                 // no Unicode, no Macintosh name
	parts := []struct {
		data []byte
		tags []string
	}{
		{description, []string{"desc"}},
		{[]byte("text\x00\x00\x00\x00CC0\x00"), []string{"cprt"}},
		{xyz(0.9505, 1, 1.0891), []string{"wtpt"}},
		{xyz(0.43607, 0.22249, 0.01392), []string{"rXYZ"}},
		{xyz(0.38515, 0.71687, 0.09708), []string{"gXYZ"}},
		{xyz(0.14307, 0.06061, 0.71410), []string{"bXYZ"}},
		{curve, []string{"rTRC", "gTRC", "bTRC"}},
	}
	table, data := []byte(nil), []byte(nil)
	const tags = 9
	for _, p := range parts {
		for _, t := range p.tags {
			table = append(table, t...)
			table = binary.BigEndian.AppendUint32(table, uint32(128+4+12*tags+len(data))) //nolint:gosec // a profile of some kilobytes
			table = binary.BigEndian.AppendUint32(table, uint32(len(p.data)))             //nolint:gosec // a profile of some kilobytes
		}
		data = append(data, p.data...)
		data = append(data, make([]byte, (4-len(data)%4)%4)...)
	}
	all := append(profileHeader(128+4+len(table)+len(data)), 0, 0, 0, tags)
	return append(append(all, table...), data...)
}

// profileHeader is the head of a display profile of size bytes (ICC.1, 6.1).
func profileHeader(size int) []byte {
	h := make([]byte, 128)
	binary.BigEndian.PutUint32(h, uint32(size)) //nolint:gosec // a profile of some kilobytes
	copy(h[8:], "\x02\x10\x00\x00mntrRGB XYZ \x07\xea\x00\x01\x00\x01\x00\x00\x00\x00\x00\x00acsp")
	copy(h[68:], xyz(0.9642, 1, 0.8249)[8:]) // D50, of the space between profiles
	return h
}

// xyz is a colour as an ICC element.
func xyz(v ...float64) []byte {
	b := []byte("XYZ \x00\x00\x00\x00")
	for _, f := range v {
		b = binary.BigEndian.AppendUint32(b, uint32(math.Round(f*65536)))
	}
	return b
}

// linear undoes the curve of sRGB.
func linear(v float64) float64 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}
