package papers

import (
	"bytes"
	"encoding/binary"
)

// orientation reads how a JPEG's camera was held, 1 to 8; 0 when it is not said
// or cannot be read. EXIF is a TIFF file in the APP1 segment (EXIF 2.32,
// section 4.5.4).
func orientation(raw []byte) int {
	tiff := exif(raw)
	if len(tiff) < 8 {
		return 0
	}
	var order binary.ByteOrder = binary.BigEndian
	if bytes.HasPrefix(tiff, []byte("II")) {
		order = binary.LittleEndian
	}
	at := int64(order.Uint32(tiff[4:]))
	if at < 8 || at+2 > int64(len(tiff)) {
		return 0
	}
	entries := tiff[at+2:]
	for range order.Uint16(tiff[at:]) {
		if len(entries) < 12 {
			return 0
		}
		if order.Uint16(entries) == 0x0112 && order.Uint16(entries[2:]) == 3 {
			return int(order.Uint16(entries[8:]))
		}
		entries = entries[12:]
	}
	return 0
}

// exif finds the TIFF file among the segments before the picture's data.
func exif(raw []byte) []byte {
	for at := 2; at+4 <= len(raw) && raw[at] == 0xff && raw[at+1] != 0xda; {
		n := int(binary.BigEndian.Uint16(raw[at+2:]))
		if n < 2 || at+2+n > len(raw) {
			return nil
		}
		body := raw[at+4 : at+2+n]
		if tiff, ok := bytes.CutPrefix(body, []byte("Exif\x00\x00")); ok && raw[at+1] == 0xe1 {
			return tiff
		}
		at += 2 + n
	}
	return nil
}
