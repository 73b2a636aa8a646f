package notify_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
	"github.com/rcp-care/rcp/notify"
)

var signingDay = date.New(2026, 11, 26)

// twoPatients are minutes of p1 and p2; p3 was not discussed.
func twoPatients(member meetings.Member, circle []id.Patient) notify.Audience {
	a := notify.Audience{
		Content: minutes.Content{Cases: []minutes.Case{{Patient: "p1"}, {Patient: "p2"}}},
		Org:     auth.Org{SecureDomains: []string{"mssante.example"}},
		Circles: map[id.Patient][]auth.Professional{},
		On:      signingDay,
	}
	if member.Role != "" {
		a.Team.Members = []meetings.Member{member}
	}
	for _, p := range circle {
		a.Circles[p] = []auth.Professional{member.Professional}
	}
	return a
}

// TestWhoReceivesWhat is the whole matrix: role in the team, relation to the
// patients, kind of address.
func TestWhoReceivesWhat(t *testing.T) {
	t.Parallel()
	type relation struct {
		name   string
		circle []id.Patient
	}
	roles := []struct {
		name string
		role auth.Role
		left date.Date
		full bool
	}{
		{"secretary", auth.Secretary, date.Date{}, true},
		{"chair", auth.Chair, date.Date{}, true},
		{"chair on the last day", auth.Chair, signingDay, true},
		{"former chair", auth.Chair, signingDay.AddDays(-1), false},
		{"clinician", auth.Clinician, date.Date{}, false},
		{"not in the team", "", date.Date{}, false},
	}
	relations := []relation{
		{"no circle", nil},
		{"circle of one", []id.Patient{"p2"}},
		{"circle of both", []id.Patient{"p1", "p2"}},
		{"circle of a patient not discussed", []id.Patient{"p3"}},
	}
	addresses := []struct {
		name, address  string
		usable, secure bool
	}{
		{"secure", "a.b@mssante.example", true, true},
		{"secure subdomain in capitals", "a.b@Medecin.MSSante.EXAMPLE", true, true},
		{"ordinary", "a.b@mail.example", true, false},
		{"ordinary that ends alike", "a.b@notmssante.example", true, false},
		{"none", "", false, false},
		{"unusable", "Mme B <a.b@mail.example>", false, false},
	}
	for _, role := range roles {
		for _, rel := range relations {
			for _, addr := range addresses {
				t.Run(fmt.Sprintf("%s, %s, %s", role.name, rel.name, addr.name), func(t *testing.T) {
					t.Parallel()
					who := auth.Professional{ID: "w", Family: "Bertin", Email: addr.address}
					got := notify.Recipients(twoPatients(meetings.Member{Professional: who, Role: role.role, Left: role.left}, rel.circle))
					var patients []id.Patient
					for _, p := range []id.Patient{"p1", "p2"} {
						if role.full || slices.Contains(rel.circle, p) {
							patients = append(patients, p)
						}
					}
					if len(patients) == 0 {
						if len(got) != 0 {
							t.Fatalf("named without a patient: %+v", got)
						}
						return
					}
					if len(got) != 1 {
						t.Fatalf("deliveries: %d, want 1", len(got))
					}
					d := got[0]
					to := addr.address
					if !addr.usable {
						to = ""
					}
					if hand := !addr.usable || !addr.secure; d.Full != role.full || d.Secure != addr.secure || d.Address != to || d.Hand != hand {
						t.Errorf("full %t, secure %t, to %q, by hand %t", d.Full, d.Secure, d.Address, d.Hand)
					}
					if diff := cmp.Diff(patients, d.Patients); diff != "" {
						t.Errorf("patients (-want +got):\n%s", diff)
					}
					if d.Why == "" || d.WhyEnglish == "" {
						t.Error("no reason in words")
					}
				})
			}
		}
	}
}

func TestReasonsAreInWords(t *testing.T) {
	t.Parallel()
	who := auth.Professional{ID: "w", Family: "Bertin", Email: "b@mail.example"}
	for want, a := range map[string]notify.Audience{
		"secrétaire de l’équipe\u00a0: registre complet\u202f; adresse ordinaire\u00a0: texte neutre et lien": twoPatients(meetings.Member{Professional: who, Role: auth.Secretary}, nil),
		"cercle de soins de 2 patients\u202f; adresse ordinaire\u00a0: texte neutre et lien":                  twoPatients(meetings.Member{Professional: who}, []id.Patient{"p1", "p2"}),
	} {
		a.SignIn = map[id.Professional]bool{"w": true}
		if got := notify.Recipients(a); len(got) != 1 || got[0].Why != want {
			t.Errorf("reason %q, want %q", got[0].Why, want)
		}
	}
}

// TestNobodyReceivesBeyondTheirCircle holds for any team and any circles.
func TestNobodyReceivesBeyondTheirCircle(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := notify.Audience{Circles: map[id.Patient][]auth.Professional{}, On: signingDay}
		var people []auth.Professional
		for i := range rapid.IntRange(1, 6).Draw(t, "people") {
			people = append(people, auth.Professional{ID: id.Professional(fmt.Sprint(i)), Email: fmt.Sprintf("p%d@x.example", i)})
		}
		lead := map[id.Professional]bool{}
		for _, p := range people {
			if r := rapid.SampledFrom([]auth.Role{"", auth.Clinician, auth.Chair, auth.Secretary}).Draw(t, "role"); r != "" {
				a.Team.Members = append(a.Team.Members, meetings.Member{Professional: p, Role: r})
				lead[p.ID] = r != auth.Clinician
			}
		}
		for i := range rapid.IntRange(0, 5).Draw(t, "cases") {
			p := id.Patient(fmt.Sprint("patient", i))
			a.Content.Cases = append(a.Content.Cases, minutes.Case{Patient: p})
			for _, who := range people {
				if rapid.Bool().Draw(t, "in circle") {
					a.Circles[p] = append(a.Circles[p], who)
				}
			}
		}
		seen := map[id.Professional]bool{}
		for _, d := range notify.Recipients(a) {
			if seen[d.Who.ID] {
				t.Fatalf("%s receives twice", d.Who.ID)
			}
			seen[d.Who.ID] = true
			if d.Full != lead[d.Who.ID] {
				t.Fatalf("%s: full register %t", d.Who.ID, d.Full)
			}
			for _, p := range d.Patients {
				in := slices.ContainsFunc(a.Circles[p], func(q auth.Professional) bool { return q.ID == d.Who.ID })
				if !d.Full && !in {
					t.Fatalf("%s receives %s without being in the circle", d.Who.ID, p)
				}
			}
		}
	})
}

func TestSecureDomain(t *testing.T) {
	t.Parallel()
	domains := []string{"mssante.fr", "", " @Apicrypt.ORG. "}
	for address, want := range map[string]bool{
		"a@mssante.fr": true, "a@medecin.mssante.fr": true, "A@MSSANTE.FR": true, "a@apicrypt.org": true,
		"a@notmssante.fr": false, "a@mssante.fr.example": false, "mssante.fr": false, "a@": false, "": false,
		"mssante.fr@mail.example": false, "\"x@mssante.fr\"@mail.example": false,
	} {
		if got := notify.Secure(address, domains); got != want {
			t.Errorf("Secure(%q) = %t", address, got)
		}
	}
}
