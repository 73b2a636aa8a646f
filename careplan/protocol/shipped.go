package protocol

import (
	"bytes"
	"embed"
	"encoding/json"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/rcp-care/rcp/internal/fault"
)

//go:embed shipped/*.json
var files embed.FS

// Shipped reads the protocols that come with RCP, by field and name. They
// belong to no team until one adopts them.
func Shipped() ([]Protocol, error) {
	names, err := fs.Glob(files, "shipped/*.json")
	if err != nil {
		return nil, fault.Wrap("protocol.Shipped", err)
	}
	all := make([]Protocol, len(names))
	for i, name := range names {
		if all[i], err = read(name); err != nil {
			return nil, fault.Wrap("protocol.Shipped", err)
		}
	}
	sortByField(all)
	return all, nil
}

func read(name string) (p Protocol, err error) {
	raw, err := files.ReadFile(name)
	if err != nil {
		return p, err
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	err = d.Decode(&p)
	p.Key = strings.TrimSuffix(path.Base(name), ".json")
	return p, err
}

func sortByField(all []Protocol) {
	order := Fields()
	slices.SortStableFunc(all, func(a, b Protocol) int {
		if n := slices.Index(order, a.Field) - slices.Index(order, b.Field); n != 0 {
			return n
		}
		return strings.Compare(a.Name, b.Name)
	})
}

// ShippedByKey reads one of them; fault.NotFound when there is none.
func ShippedByKey(key string) (Protocol, error) {
	all, err := Shipped()
	if err != nil {
		return Protocol{}, err
	}
	i := slices.IndexFunc(all, func(p Protocol) bool { return p.Key == key })
	if i < 0 {
		return Protocol{}, fault.New(fault.NotFound, "protocol.Shipped", "")
	}
	return all[i], nil
}
