package notify_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
)

// signedTraits are what would tell of each patient of the signed minutes: p3 is
// carried over, p4 is named by what is written of p1's correction.
var signedTraits = map[id.Patient][]string{
	"p1": {"aubriot", "lucienne", "morel", "14/03/1939", "1939-03-14", "ipp47716", "239032123101294", "2 39 03 21", "hanche", "canne"},
	"p2": {"castagnède", "roger", "29/02/1944", "1944-02-29", "ipp47717", "144022123101212", "1 44 02 21", "insuline", "glycémie"},
	"p3": {"vaucourt", "hermine"},
	"p4": {"jonquois"},
}

func signedContent() minutes.Content {
	decided := func(n int, p minutes.Case, said string) minutes.Case {
		p.Case, p.Identity, p.INSOID = id.Case(fmt.Sprint("case-", n)), careplan.Qualified, "1.2.250.1.213.1.4.8"
		p.Decision = minutes.Decision{Case: p.Case, Patient: p.Patient, Summary: said, Actions: []minutes.NewAction{{Title: said}}}
		return p
	}
	starts := time.Date(2026, 11, 26, 13, 30, 0, 0, time.UTC)
	return minutes.Content{
		Org: "Pôle de soins de Valbrume", Team: "Gériatrie, secteur Nord", TeamID: "team", Meeting: "meeting-1", Kind: meetings.Synthese,
		Starts: starts, Ends: starts.Add(90 * time.Minute), Zone: "Europe/Paris", Version: 2, Replaces: "abc", ReplacesWhy: "JONQUOIS avait été cité à tort",
		Signer: "Dr Solène Varennes", SignerRPPS: "10100000001", SignedAt: starts.Add(2 * time.Hour),
		Participants: []minutes.Participant{{Name: "Dr Solène Varennes", Profession: "Médecin", Presence: meetings.Present}},
		Cases: []minutes.Case{
			decided(1, minutes.Case{Patient: "p1", BirthFamily: "Aubriot", BirthGiven: "Lucienne", UsedFamily: "Morel", Sex: careplan.Female, BirthDate: date.New(1939, 3, 14), IPP: "IPP47716", INS: "239032123101294", Question: "La hanche tient-elle ?"}, "Une canne"),
			decided(2, minutes.Case{Patient: "p2", BirthFamily: "Castagnède", BirthGiven: "Roger", Sex: careplan.Male, BirthDate: date.New(1944, 2, 29), IPP: "IPP47717", INS: "144022123101212", Question: "Une insuline à domicile ?"}, "Glycémie chaque matin"),
		},
		Deferred: []minutes.Carried{{Patient: "p3", BirthFamily: "Vaucourt", BirthGiven: "Hermine", Why: "temps dépassé"}},
	}
}

// relation is who somebody is to the team and to the patients.
type relation struct {
	role   auth.Role // empty: not of the team
	left   date.Date // the team, as of then
	circle []id.Patient
	until  string // last day in the circles
	guest  bool   // invited to the one date
	full   bool   // may read everything
	sees   []id.Patient
}

func relations() map[string]relation {
	one, both := []id.Patient{"p2"}, []id.Patient{"p1", "p2"}
	before := date.New(2026, 11, 25)
	return map[string]relation{
		"secretary":                         {role: auth.Secretary, full: true, sees: both},
		"secretary in a circle":             {role: auth.Secretary, circle: one, full: true, sees: both},
		"chair":                             {role: auth.Chair, full: true, sees: both},
		"former secretary":                  {role: auth.Secretary, left: before},
		"former chair in a circle":          {role: auth.Chair, left: before, circle: one, sees: one},
		"clinician in one circle":           {role: auth.Clinician, circle: one, sees: one},
		"clinician in both":                 {role: auth.Clinician, circle: both, sees: both},
		"clinician in none":                 {role: auth.Clinician},
		"former clinician in a circle":      {role: auth.Clinician, left: before, circle: one, sees: one},
		"former clinician in none":          {role: auth.Clinician, left: before},
		"clinician whose circle ended":      {role: auth.Clinician, circle: both, until: "2026-11-25"},
		"clinician whose circle ends today": {role: auth.Clinician, circle: one, until: "2026-11-26", sees: one},
		"guest in a circle":                 {guest: true, circle: one, sees: one},
		"guest in none":                     {guest: true},
		"general practitioner":              {circle: one, sees: one},
		"general practitioner of both":      {circle: both, sees: both},
		"general practitioner of nobody":    {},
		"former general practitioner":       {circle: one, until: "2026-11-25"},
		"circle of one carried over":        {circle: []id.Patient{"p3"}},
	}
}

type mailAddress struct {
	address        string
	usable, secure bool
}

func mailAddresses() map[string]mailAddress {
	return map[string]mailAddress{
		"secure":                {"b@mssante.example", true, true},
		"secure subdomain":      {"b@medecin.mssante.example", true, true},
		"secure, capitals":      {"B@Hopital.MSSante.EXAMPLE", true, true},
		"ordinary":              {"b@courriel.example", true, false},
		"alike before":          {"b@hopital.mssante.example.evil.example", true, false},
		"alike behind":          {"b@notmssante.example", true, false},
		"alike as local part":   {"mssante.example@evil.example", true, false},
		"alike with a hyphen":   {"b@x-mssante.example", true, false},
		"none":                  {"", false, false},
		"several":               {"b@mssante.example, c@evil.example", false, false},
		"a name and an address": {"B <b@mssante.example>", false, false},
		"line breaks":           {"b@mssante.example\r\nBcc: c@evil.example", false, false},
	}
}

// received is a world where one person alone may receive the signed minutes, and
// the closed agenda.
func received(who auth.Professional, rel relation, account bool) *world {
	w := newWorld()
	w.prints = true
	w.minutes.Content, w.minutes.Version = signedContent(), 2
	w.agenda = planned()
	w.full.Team.Members, w.full.Attendance = nil, nil
	w.circles, w.left, w.people = map[id.Patient][]auth.Professional{}, map[id.Professional]string{}, map[id.Professional]auth.Professional{}
	if rel.role != "" {
		w.full.Team.Members = []meetings.Member{{Professional: who, Role: rel.role, Left: rel.left}}
	}
	if rel.guest || rel.role != "" && rel.left.IsZero() {
		w.full.Attendance = []meetings.Attendance{{Professional: who, Role: auth.Clinician}}
	}
	for _, p := range rel.circle {
		w.circles[p] = []auth.Professional{who}
	}
	if rel.until != "" {
		w.left[who.ID] = rel.until
	}
	if account {
		w.people[who.ID] = who
	}
	return w
}

// TestDeliveryMatrix: every role and relation to the patients, with every kind
// of address, with and without an account. The mails are made and taken apart:
// no subject, text, file name or document tells of a patient that its recipient
// may not see, and an ordinary address is told of nobody.
func TestDeliveryMatrix(t *testing.T) {
	t.Parallel()
	mails, documents := 0, 0
	rels, addrs := relations(), mailAddresses()
	for _, relName := range slices.Sorted(maps.Keys(rels)) {
		for _, addrName := range slices.Sorted(maps.Keys(addrs)) {
			for _, account := range []bool{true, false} {
				rel, addr := rels[relName], addrs[addrName]
				who := auth.Professional{ID: "who", Given: "Ada", Family: "Bertin", Email: addr.address, Profession: "medecin"}
				name := fmt.Sprintf("%s, %s, account %t", relName, addrName, account)
				w := received(who, rel, account)
				w.happen(w.minutes.SignedAt, event.MinutesSigned, "")
				ms := w.treat(t)
				want := 0
				if len(rel.sees) > 0 && (addr.secure || addr.usable && account) {
					want = 1
				}
				if len(ms) != want {
					t.Errorf("%s: %d mails, want %d", name, len(ms), want)
					continue
				}
				for _, m := range ms {
					mails++
					s := scan(t, m)
					documents += len(s.attached)
					judgeMinutes(t, name, s, rel, addr.secure)
				}
			}
		}
	}
	t.Logf("%d relations, %d addresses: %d mails with %d documents read", len(rels), len(addrs), mails, documents)
	if mails < 80 || documents < 60 {
		t.Errorf("%d mails, %d documents: too few to prove anything", mails, documents)
	}
}

func judgeMinutes(t *testing.T, name string, s scanned, rel relation, secure bool) {
	t.Helper()
	for p, traits := range signedTraits {
		if found := names(s.open, traits); len(found) > 0 {
			t.Errorf("%s: the mail tells %q of %s", name, found, p)
		}
	}
	if !secure {
		if len(s.attached) > 0 {
			t.Errorf("%s: %d files to an ordinary address", name, len(s.attached))
		}
		return
	}
	files := len(rel.sees)
	if rel.full {
		files = 1
	}
	if len(s.attached) != files {
		t.Errorf("%s: %d files, want %d", name, len(s.attached), files)
	}
	all := strings.Join(slices.Collect(maps.Values(s.attached)), "\n")
	for p, traits := range signedTraits {
		found := names(all, traits)
		may := rel.full || slices.Contains(rel.sees, p)
		switch {
		case !may && len(found) > 0:
			t.Errorf("%s: the documents tell %q of %s", name, found, p)
		case may && len(found) == 0:
			t.Errorf("%s: the documents say nothing of %s", name, p)
		}
	}
	if rel.full {
		return
	}
	for file, text := range s.attached { // an extract is of one patient alone
		of := 0
		for _, traits := range signedTraits {
			if len(names(text, traits)) > 0 {
				of++
			}
		}
		if of != 1 {
			t.Errorf("%s: %s tells of %d patients", name, file, of)
		}
	}
}

// TestScanFinds: the reader of the matrix sees what it must refuse.
func TestScanFinds(t *testing.T) {
	t.Parallel()
	w := received(auth.Professional{ID: "who", Given: "Ada", Family: "Bertin", Email: "b@mssante.example"}, relations()["secretary"], true)
	w.happen(w.minutes.SignedAt, event.MinutesSigned, "")
	ms := w.treat(t)
	if len(ms) != 1 {
		t.Fatalf("%d mails", len(ms))
	}
	text := scan(t, ms[0]).whole()
	for p, traits := range signedTraits {
		for _, trait := range traits[:1] {
			if len(names(text, []string{trait})) == 0 {
				t.Errorf("the register names %s, the scan does not find %q", p, trait)
			}
		}
	}
	if missed := len(signedTraits["p1"]) - len(names(text, signedTraits["p1"])); missed > 0 {
		t.Errorf("%d traits of p1 are never found: %q of %q", missed, names(text, signedTraits["p1"]), signedTraits["p1"])
	}
}
