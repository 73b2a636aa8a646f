package pdf_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes/pdf"
	"github.com/rcp-care/rcp/minutes/pdf/check"
)

// thursday is the agenda of a meeting with n cases.
func thursday(n int) pdf.Agenda {
	starts := time.Date(2026, 11, 26, 13, 30, 0, 0, time.UTC)
	m := meetings.Meeting{
		ID: "meeting-1", Kind: meetings.Synthese, Zone: "Europe/Paris", Starts: starts, Ends: starts.Add(90 * time.Minute),
		Room: "Salle Simone", URL: "https://visio.example/nord", Updated: starts.AddDate(0, 0, -1),
	}
	full := meetings.Full{Meeting: m, Team: meetings.Team{
		Name: "Gériatrie, secteur Nord", Quorum: meetings.QuorumRule{Required: []string{"medecin", "infirmier"}},
	}}
	for i, key := range []string{"medecin", "medecin", "medecin", "infirmier", "infirmier", "aide-soignant", "kinesitherapeute", "ergotherapeute", "pharmacien", "assistant-social", "psychologue", "dieteticien", "orthophoniste"} {
		full.Attendance = append(full.Attendance, meetings.Attendance{
			Professional: auth.Professional{ID: id.Professional(fmt.Sprint(i)), Given: "Maud", Family: fmt.Sprintf("Ferrandon-%d", i), Profession: key},
			Role:         auth.Clinician, Answer: []meetings.Answer{meetings.Accepted, meetings.Tentative, meetings.NeedsAction, meetings.Declined}[i%4],
		})
	}
	g := agenda.Agenda{Meeting: m.ID, Capacity: 90}
	for i := range n {
		l := agenda.Item{
			ID: id.Case(fmt.Sprint(i)), Position: i + 1, Minutes: 4, At: starts.Add(time.Duration(g.Planned) * time.Minute), Status: agenda.Scheduled, Referent: "Inès Karaoui",
			Patient: careplan.Patient{
				ID: id.Patient(fmt.Sprint(i)), BirthFamily: fmt.Sprintf("Aubriot-%02d", i+1), BirthGiven: "Lucienne", Sex: careplan.Female, BirthDate: date.New(1939, 3, 14),
			},
			Reasons: []agenda.Reason{{Rule: agenda.ReviewDue, Since: date.New(2026, 11, 19), Days: 7}},
		}
		if i == 0 {
			l.Reasons = []agenda.Reason{{Rule: agenda.Requested, Since: date.New(2026, 11, 21), Kind: string(agenda.Urgent), Who: "Maud Ferrandon", What: strings.Repeat("L’insuline à domicile est-elle tenable ? ", 12)}}
		}
		g.Items, g.Planned = append(g.Items, l), g.Planned+l.Minutes
	}
	return pdf.AgendaOf(auth.Org{Name: "Pôle de soins de Valbrume"}, full, g)
}

func renderAgenda(t testing.TB, a pdf.Agenda) pdf.Result {
	t.Helper()
	r, err := pdf.RenderAgenda(a)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range check.Document(r.PDF) {
		t.Error(f)
	}
	return r
}

// TestAgendaPages: twenty cases are one page, more go on; every line is there
// with its hour, and every page says not to leave it about.
func TestAgendaPages(t *testing.T) {
	t.Parallel()
	for n, pages := range map[int]int{0: 1, 1: 1, 12: 1, 20: 1, 45: 3} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			r := renderAgenda(t, thursday(n))
			if r.Pages > pages || n <= 20 && r.Pages != 1 {
				t.Errorf("%d pages for %d cases", r.Pages, n)
			}
			text := strings.Join(strings.Fields(tool(t, "poppler-utils", "pdftotext", "-layout", file(t, r.PDF), "-")), " ")
			if got := strings.Count(text, "à ne pas laisser en vue"); got != r.Pages {
				t.Errorf("the foot stands %d times on %d pages", got, r.Pages)
			}
			for i := range n {
				at := time.Date(2026, 11, 26, 14, 30+4*i, 0, 0, time.UTC).Format("15 h 04")
				if !strings.Contains(text, fmt.Sprintf("AUBRIOT-%02d Lucienne F, 87 ans", i+1)) || !strings.Contains(text, at) {
					t.Errorf("case %d (%s) is missing:\n%s", i+1, at, text)
				}
			}
		})
	}
}

func TestAgendaSays(t *testing.T) {
	t.Parallel()
	a := thursday(12)
	a.Hidden, a.Planned, a.Standard = 3, a.Planned+15, 2
	r := renderAgenda(t, a)
	text := strings.Join(strings.Fields(tool(t, "poppler-utils", "pdftotext", "-layout", file(t, r.PDF), "-")), " ")
	for _, want := range []string{
		"Ordre du jour", "Gériatrie, secteur Nord jeudi 26 novembre 2026, 14 h 30 – 16 h 00", "Salle Simone et à distance",
		"15 dossiers, 63 min", "27 min de marge", "Urgent", "réf. Inès Karaoui", "Pourquoi cette patiente : ", "3 autres dossiers, de patients que vous ne suivez pas.", "En plus, 2 dossiers standard enregistrés sans discussion.",
		"Médecin requis : 1 oui, 1 peut-être, 1 sans réponse", "Présences prévues",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing:\n%s", want, text)
		}
	}
}

// TestAgendaSameBytes: the same agenda gives the same bytes, whatever text it holds.
func TestAgendaSameBytes(t *testing.T) {
	t.Parallel()
	for name, s := range hostile {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := thursday(3)
			a.Team, a.Room, a.Org = s, s, s
			for i := range a.Lines {
				l := &a.Lines[i]
				l.BirthFamily, l.BirthGiven, l.Referent, l.Reason, l.Age = s, s, s, s, s
			}
			a.Expected[0].Profession, a.Expected[0].Who = s, s
			if !bytes.Equal(renderAgenda(t, a).PDF, renderAgenda(t, a).PDF) {
				t.Error("two renders differ")
			}
		})
	}
}
