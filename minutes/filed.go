package minutes

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rcp-care/rcp/internal/id"
)

// Filed is a row of signed minutes with what stands beside it and is not in
// the text that was hashed, for verification.
type Filed struct {
	Minutes                  // Content is empty: JSON holds it
	JSON     []byte          // the frozen content, byte for byte
	Replaced string          // SHA-256 of the version that Replaces names
	Starts   time.Time       // of the meeting; zero when there is none
	Actor    id.Professional // who signed, as the audit log says
	Logged   bool
}

// Added is the kind of finding of what nobody put there.
const Added = "added"

// CheckFiled compares a row with its text, its meeting and the audit log, and
// its documents with the cases of the text. A text that is not the one signed
// is told by CheckChain.
func CheckFiled(f Filed) []Finding {
	var c Content
	if hash(f.JSON) != f.SHA256 || json.Unmarshal(f.JSON, &c) != nil {
		return nil
	}
	var k filedCheck
	k.name = fmt.Sprintf("minutes number %d (%s)", f.Seq, f.ID)
	k.same("their team", f.Team == c.TeamID)
	k.same("which version they replace", f.Replaced == c.Replaces && (f.Replaces == "") == (c.Replaces == ""))
	k.same("the reason of the correction", f.Reason == c.ReplacesWhy)
	k.same("who signed", f.Signer == c.Signer && (!f.Logged || f.SignedBy == f.Actor))
	k.same("when they were signed", f.SignedAt.Equal(c.SignedAt))
	k.same("the hour of their meeting", f.MeetingAt.Equal(f.Starts))
	k.documents(f.Documents, c)
	return k.found
}

type filedCheck struct {
	name  string
	found []Finding
}

func (k *filedCheck) add(what, format string, args ...any) {
	k.found = append(k.found, Finding{what, fmt.Sprintf(format, args...)})
}

func (k *filedCheck) same(what string, ok bool) {
	if !ok {
		k.add(Altered, "%s: the row tells %s otherwise than what was signed", k.name, what)
	}
}

// documents: the register, one extract for each case, each a file of its own.
func (k *filedCheck) documents(docs []Document, c Content) {
	want := map[Document]bool{{Kind: Register}: true}
	for _, s := range c.Cases {
		want[Document{Kind: Extract, Patient: s.Patient}] = true
	}
	files := map[string]bool{}
	for _, d := range docs {
		key := Document{Kind: d.Kind, Patient: d.Patient}
		switch {
		case !want[key]:
			k.add(Added, "the row of document %s (%s) of %s", d.SHA256, d.Kind, k.name)
		case files[d.SHA256]:
			k.add(Altered, "two documents of %s are the same file %s", k.name, d.SHA256)
		}
		delete(want, key)
		files[d.SHA256] = true
	}
	var missing []string
	for key := range want {
		missing = append(missing, fmt.Sprintf("%s %s", key.Kind, key.Patient))
	}
	slices.Sort(missing)
	for _, m := range missing {
		k.add(Missing, "the row of document %s of %s", m, k.name)
	}
}

// CheckIndex compares what the search knows of minutes, by case, with what
// their text says it should.
func CheckIndex(c Content, m id.Minutes, have map[id.Case]string, row func(Indexed) string) []Finding {
	var found []Finding
	for _, x := range Index(c) {
		switch got, there := have[x.Case]; {
		case !there:
			found = append(found, Finding{Missing, fmt.Sprintf("the search's row of case %s of minutes %s", x.Case, m)})
		case got != row(x):
			found = append(found, Finding{Altered, fmt.Sprintf("the search's row of case %s of minutes %s", x.Case, m)})
		}
		delete(have, x.Case)
	}
	var more []Finding
	for k := range have {
		more = append(more, Finding{Added, fmt.Sprintf("the search's row of case %s of minutes %s", k, m)})
	}
	slices.SortFunc(more, func(a, b Finding) int { return strings.Compare(a.Text, b.Text) })
	return append(found, more...)
}
