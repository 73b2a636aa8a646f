package date

import (
	"sync"
	"time"
)

// zones keeps what was loaded: reading one from the file system takes as long
// as writing an invitation.
var zones sync.Map

// Zone returns an IANA zone, as time.LoadLocation does, from memory after the
// first time.
func Zone(name string) (*time.Location, error) {
	if z, ok := zones.Load(name); ok {
		return z.(*time.Location), nil
	}
	z, err := time.LoadLocation(name)
	if err == nil {
		zones.Store(name, z)
	}
	return z, err
}
