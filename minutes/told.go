package minutes

import (
	"strings"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// tellings is who tells each patient of the content what was decided. One
// without a name takes back what an earlier version said.
func tellings(c Content, full meetings.Full) []careplan.Telling {
	all := make([]careplan.Telling, len(c.Cases))
	for i, k := range c.Cases {
		name := strings.TrimSpace(k.Decision.Informer)
		all[i] = careplan.Telling{
			Case: k.Case, Patient: careplan.Patient{ID: k.Patient}, Who: called(full, name), WhoName: name, By: k.Decision.InformBy,
		}
	}
	return all
}

// called is the one person of the meeting or of its team who has that name;
// empty when there is none, or more than one.
func called(full meetings.Full, name string) id.Professional {
	found := map[id.Professional]bool{}
	look := func(p auth.Professional) {
		if is := careplan.Fold(name); is != "" && (is == careplan.Fold(p.Name()) || is == careplan.Fold(p.Given+" "+p.Family)) {
			found[p.ID] = true
		}
	}
	for _, a := range full.Attendance {
		look(a.Professional)
	}
	for _, m := range full.Team.Members {
		look(m.Professional)
	}
	if len(found) != 1 {
		return ""
	}
	for p := range found {
		return p
	}
	return ""
}
