package check

// readImages: the only images are pictures in the colours of the output intent,
// without transparency.
func (d *document) readImages(resources any) {
	d.images = map[any]bool{}
	for k, v := range d.dict(resources, "XObject") {
		s, ok := d.at(v).(stream)
		if !ok || s.dict["Subtype"] != name("Image") {
			d.tell("%s is no image", k)
			continue
		}
		d.images[name(k)] = true
		d.want(s.dict["ColorSpace"] == name("DeviceRGB") && s.dict["BitsPerComponent"] == 8.0, "image %s is not in RGB", k)
		d.want(s.dict["Mask"] == nil && s.dict["Interpolate"] == nil && s.dict["Alternates"] == nil, "image %s is not plain", k)
		w, _ := s.dict["Width"].(float64)
		h, _ := s.dict["Height"].(float64)
		b, err := s.data() // with a byte before each row that says how it was filtered (PNG)
		d.want(err == nil && w > 0 && h > 0 && float64(len(b)) == h*(3*w+1), "image %s is not of its size", k)
	}
}

// figure: it says what it shows, and where it stands.
func (d *document) figure(n ref, role string, e dict) {
	if role != "Figure" {
		return
	}
	alt, _ := e["Alt"].(text)
	d.want(len(alt) > 2, "element %d: a figure that says nothing", n)
	d.want(d.at(e, "A", "O") == name("Layout") && len(d.list(e, "A", "BBox")) == 4, "element %d: a figure without its place", n)
}

// bookmarks: one list, each entry known to its neighbours and leading to a page.
func (d *document) bookmarks() {
	root, ok := d.catalog["Outlines"].(ref)
	if !ok {
		d.want(d.catalog["PageMode"] == nil, "the bookmarks are missing")
		return
	}
	top := d.dict(root)
	d.want(top["Type"] == name("Outlines"), "the bookmarks are of another type")
	seen := map[ref]bool{}
	var before any
	next := top["First"]
	for next != nil {
		n, _ := next.(ref)
		e := d.dict(n)
		if e == nil || seen[n] {
			d.tell("bookmark %d leads nowhere", n)
			return
		}
		seen[n] = true
		title, _ := e["Title"].(text)
		to := d.list(e, "Dest")
		d.want(len(title) > 2, "bookmark %d says nothing", n)
		d.want(e["Parent"] == root && e["Prev"] == before, "bookmark %d does not know the one before", n)
		d.want(len(to) == 5 && to[1] == name("XYZ") && d.pageOf(to[0]), "bookmark %d leads to no page", n)
		before, next = next, e["Next"]
	}
	d.want(top["Last"] == before && top["Count"] == float64(len(seen)), "there are %d bookmarks, not as many as are said", len(seen))
}

func (d *document) pageOf(v any) bool {
	n, ok := v.(ref)
	_, known := d.numbers[n]
	return ok && known
}
