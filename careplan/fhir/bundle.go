package fhir

import (
	"encoding/json"
	"strings"

	"github.com/rcp-care/rcp/careplan"
)

// entry is one resource of the input.
type entry struct {
	index       int
	url         string // fullUrl
	typ, id     string
	identifiers []identifier
	profiles    []string
	raw         json.RawMessage
}

type identRef struct{ typ, system, value string }

type bundle struct {
	ResourceType string `json:"resourceType"`
	Type         string `json:"type"`
	Entry        []struct {
		FullURL  string          `json:"fullUrl"`
		Resource json.RawMessage `json:"resource"`
		Search   struct {
			Mode string `json:"mode"`
		} `json:"search"`
		Request struct {
			Method string `json:"method"`
		} `json:"request"`
	} `json:"entry"`
}

// load finds the entries of a Bundle, or takes a single resource as the only one.
func (in *reader) load(raw []byte, limit int) error {
	var head struct {
		ResourceType string `json:"resourceType"`
	}
	if err := json.Unmarshal(raw, &head); err != nil || head.ResourceType == "" {
		return invalid("Ce n’est pas une ressource FHIR en JSON.")
	}
	if head.ResourceType != "Bundle" {
		in.add(0, "", raw)
		return nil
	}
	var b bundle
	if err := json.Unmarshal(raw, &b); err != nil {
		return invalid("Le Bundle FHIR n’a pas la forme attendue.")
	}
	switch b.Type {
	case "transaction", "collection", "batch", "searchset":
	default:
		return invalid("RCP lit les Bundle de type transaction, collection, batch ou searchset.")
	}
	if len(b.Entry) > limit {
		return invalid("Le Bundle a plus de %d entrées.", limit)
	}
	for i, e := range b.Entry {
		switch {
		case e.Search.Mode == "outcome":
		case e.Request.Method == "DELETE":
			in.refuse(&entry{index: i}, "RCP n’efface rien sur la demande d’un fichier.")
		default:
			in.add(i, e.FullURL, e.Resource)
		}
	}
	return nil
}

// add indexes a resource by full URL, by type and id, and by identifier.
func (in *reader) add(index int, url string, raw json.RawMessage) {
	var head struct {
		ResourceType string          `json:"resourceType"`
		ID           string          `json:"id"`
		Identifier   json.RawMessage `json:"identifier"`
		Meta         struct {
			Profile []string `json:"profile"`
		} `json:"meta"`
	}
	e := &entry{index: index, url: url, raw: raw}
	if err := json.Unmarshal(raw, &head); err != nil || !typeName(head.ResourceType) {
		in.refuse(e, "L’entrée ne porte pas de ressource lisible.")
		return
	}
	e.typ, e.id, e.profiles = head.ResourceType, head.ID, head.Meta.Profile
	if json.Unmarshal(head.Identifier, &e.identifiers) != nil {
		e.identifiers = nil // some types have one identifier, not a list: none that RCP reads
	}
	in.entries = append(in.entries, e)
	if url != "" {
		in.byURL[url] = e
	}
	if e.id != "" {
		ref := e.typ + "/" + e.id
		if _, taken := in.byRef[ref]; taken {
			e = nil
		}
		in.byRef[ref] = e
	}
	in.index(in.entries[len(in.entries)-1])
}

func (in *reader) index(e *entry) {
	for _, i := range e.identifiers {
		if i.Value != "" {
			in.byIdent[identRef{e.typ, i.System, i.Value}] = e
		}
	}
}

// typeName reports whether s can be a resource type: a report may show it.
func typeName(s string) bool {
	for _, c := range s {
		if (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return s != "" && len(s) <= 40
}

// resolve finds what a reference of an entry points at: by full URL, relative
// to the entry's own URL, then by type and id (published bundles have urn:uuid
// full URLs and relative references), by identifier. nil when it is not in the
// input, or when two entries could be meant.
func (in *reader) resolve(from *entry, r reference) *entry {
	ref, _, _ := strings.Cut(strings.TrimSpace(r.Reference), "/_history/")
	if typ, query, ok := strings.Cut(ref, "?identifier="); ok {
		system, value, _ := strings.Cut(query, "|")
		return in.byIdent[identRef{typ, system, value}]
	}
	if ref == "" {
		if r.Identifier.Value == "" {
			return nil
		}
		return in.byIdent[identRef{r.Type, r.Identifier.System, r.Identifier.Value}]
	}
	if e := in.byURL[ref]; e != nil {
		return e
	}
	typ, id, ok := strings.Cut(ref, "/")
	if !ok || !typeName(typ) || strings.Contains(id, "/") {
		return nil
	}
	if base, ok := strings.CutSuffix(from.url, from.typ+"/"+from.id); ok {
		if e := in.byURL[base+ref]; e != nil {
			return e
		}
	}
	return in.byRef[ref]
}

// key names an entry: its identifier, else its type and id at the source.
func (e *entry) key() careplan.Key {
	for _, i := range e.identifiers {
		if i.System != "" && i.Value != "" {
			return careplan.Key{System: i.System, Value: i.Value}
		}
	}
	return e.sourceKey()
}

func (e *entry) sourceKey() careplan.Key {
	value := e.id
	if value == "" {
		value = e.url
	}
	if value == "" {
		return careplan.Key{}
	}
	return careplan.Key{System: "urn:rcp:source:" + e.typ, Value: value}
}
