package storetest

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"testing"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/minutes"
)

// signedWords is a signed meeting: one patient whom the nurse cares for, one
// whom only the secretary and the chair see.
func signedWords(t *testing.T, s *store.Store) *room {
	t.Helper()
	r := newRoom(t, s, twoPatients()...)
	r.decide(t, "walker", func(d *minutes.Decision) {
		d.Summary = "Évaluation gériatrique : l’œdème régresse, 3e5 unités, H2O à volonté."
		d.Objectives[0].Verdict = minutes.VerdictAchieved
		d.Actions = []minutes.NewAction{{Title: "Barre d’appui", OwnerName: "Joël Quintane", Due: date.New(2026, 12, 5)}}
	})
	r.decide(t, "other", func(d *minutes.Decision) {
		d.Summary = "EVALUATION de la douleur. " + strings.Repeat("a", 3000)
		d.Dissent = "Quintane : « pas d'accord » & | ! :* \\ \" ) ' § ¶team"
	})
	r.end(t)
	if _, err := r.minutes.Sign(context.Background(), r.Chair, r.state.ID, r.state.Version); err != nil {
		t.Fatalf("sign: %v", err)
	}
	return r
}

func (r *room) names(t *testing.T, q minutes.ArchiveQuery, nurse bool) []string {
	t.Helper()
	who := r.Chair
	if nurse {
		who = r.Clinician
	}
	found, _, err := r.minutes.Search(context.Background(), who, q)
	if err != nil {
		t.Fatalf("search %+v: %v", q, err)
	}
	var ipps []string
	for _, f := range found {
		for ipp, p := range r.ids {
			if p == f.Patient {
				ipps = append(ipps, ipp)
			}
		}
	}
	slices.Sort(ipps)
	return ipps
}

func TestDecisionsAreFoundByWords(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		r := signedWords(t, s)
		both, walker, other := []string{"other", "walker"}, []string{"walker"}, []string{"other"}
		for _, tt := range []struct {
			name string
			q    minutes.ArchiveQuery
			want []string
		}{
			{"accents and case", minutes.ArchiveQuery{Words: "évaluation"}, both},
			{"neither", minutes.ArchiveQuery{Words: "Evaluation"}, both},
			{"the beginning", minutes.ArchiveQuery{Words: "éval"}, both},
			{"not the middle", minutes.ArchiveQuery{Words: "valuation"}, nil},
			{"every word", minutes.ArchiveQuery{Words: "evaluation douleur"}, other},
			{"in any order", minutes.ArchiveQuery{Words: "doul EVAL"}, other},
			{"words of two patients", minutes.ArchiveQuery{Words: "douleur œdème"}, nil},
			{"a ligature", minutes.ArchiveQuery{Words: "oedeme"}, walker},
			{"an elision", minutes.ArchiveQuery{Words: "l’œdème"}, walker},
			{"an action", minutes.ArchiveQuery{Words: "barre appui"}, walker},
			{"an objective", minutes.ArchiveQuery{Words: "remarcher marché"}, walker},
			{"what looks like a number", minutes.ArchiveQuery{Words: "3e5 h2o"}, walker},
			{"a word longer than any", minutes.ArchiveQuery{Words: strings.Repeat("a", 4000)}, other},
			{"signs alone", minutes.ArchiveQuery{Words: "« & | ! :* »"}, nil},
			{"a mark of ours is none", minutes.ArchiveQuery{Words: "¶team"}, other},
			{"the sign of a query", minutes.ArchiveQuery{Words: `eval* ) ' " \ OR`}, nil},
			{"the patient", minutes.ArchiveQuery{Words: "evaluation", Patient: "essaiwalk"}, walker},
			{"nobody", minutes.ArchiveQuery{Words: "evaluation", Patient: "personne"}, nil},
			{"somebody of it was there", minutes.ArchiveQuery{Profession: "assistant-social"}, both},
			{"nobody of it was there", minutes.ArchiveQuery{Profession: "orthophoniste"}, nil},
			{"the day", minutes.ArchiveQuery{Words: "eval", From: date.New(2026, 11, 26), To: date.New(2026, 11, 26)}, both},
			{"the day before", minutes.ArchiveQuery{Words: "eval", To: date.New(2026, 11, 25)}, nil},
			{"the day after", minutes.ArchiveQuery{Words: "eval", From: date.New(2026, 11, 27)}, nil},
			{"the team", minutes.ArchiveQuery{Words: "eval", Teams: []id.Team{r.Team.ID}}, both},
			{"another team", minutes.ArchiveQuery{Words: "eval", Teams: []id.Team{`x" OR "eval`}}, nil},
		} {
			if got := r.names(t, tt.q, false); !slices.Equal(got, tt.want) {
				t.Errorf("%s: the chair finds %q, want %q", tt.name, got, tt.want)
			}
			want := slices.DeleteFunc(slices.Clone(tt.want), func(ipp string) bool { return ipp == "other" })
			if got := r.names(t, tt.q, true); !slices.Equal(got, want) {
				t.Errorf("%s: the nurse finds %q, want %q", tt.name, got, want)
			}
		}
		r.wantSearchRights(t)
	})
}

// wantSearchRights: a stranger finds nothing, and the log says how many were
// found, never by which words.
func (r *room) wantSearchRights(t *testing.T) {
	t.Helper()
	ctx := context.Background()
	if found, _, err := r.minutes.Search(ctx, r.Stranger, minutes.ArchiveQuery{Words: "eval"}); err != nil || len(found) != 0 {
		t.Errorf("a stranger finds %d, %v", len(found), err)
	}
	entries, err := r.store.AuditEntries(ctx, r.Org.ID, audit.Filter{Action: "minutes.search", Limit: 100})
	if err != nil || len(entries) < 50 || entries[0].Detail != "found=0" || entries[0].Actor != r.Stranger.Professional {
		t.Errorf("trace of %d searches, %v", len(entries), err)
	}
}

func TestASnippetIsWhatWasWritten(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		r := signedWords(t, s)
		found, _, err := r.minutes.Search(context.Background(), r.Chair, minutes.ArchiveQuery{Words: "oede EVALUATION"})
		if err != nil || len(found) != 1 {
			t.Fatalf("found %d, %v", len(found), err)
		}
		var hits []string
		for _, p := range found[0].Snippet {
			if p.Hit {
				hits = append(hits, p.Text)
			}
		}
		if !slices.Equal(hits, []string{"Évaluation", "œdème"}) || found[0].Name != "ESSAIWALKER Claude" || found[0].Version != 1 {
			t.Errorf("%q in %+v", hits, found[0])
		}
	})
}

func TestTheSearchFollowsCorrections(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		r := signedWords(t, s)
		d, err := r.minutes.Decision(ctx, r.Chair, caseOf(t, r.listed, "walker"))
		if err != nil {
			t.Fatal(err)
		}
		d.Summary = "Dépistage."
		v, err := r.minutes.Amend(ctx, r.Chair, r.state.ID, "Erreur de dossier", []minutes.Decision{d})
		if err != nil {
			t.Fatalf("amend: %v", err)
		}
		if got := r.names(t, minutes.ArchiveQuery{Words: "oedeme"}, false); got != nil {
			t.Errorf("the version replaced is found: %q", got)
		}
		found, next, err := r.minutes.Search(ctx, r.Chair, minutes.ArchiveQuery{Limit: 1})
		if err != nil || len(found) != 1 || next == "" || found[0].Minutes != v.ID {
			t.Fatalf("first page %+v, %q, %v", found, next, err)
		}
		rest, last, err := r.minutes.Search(ctx, r.Chair, minutes.ArchiveQuery{Limit: 1, After: next})
		if err != nil || len(rest) != 1 || last != "" || rest[0].Case == found[0].Case {
			t.Errorf("second page %+v, %q, %v", rest, last, err)
		}
		if _, _, err := r.minutes.Search(ctx, r.Chair, minutes.ArchiveQuery{After: "x"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("a cursor that is none: %v", err)
		}
	})
}

// TestOldMinutesAreFound: what was signed before the search was there is found
// from the next start on.
func TestOldMinutesAreFound(t *testing.T) {
	t.Parallel()
	file := t.TempDir() + "/rcp.db"
	s := open(t, "sqlite:"+file)
	r := signedWords(t, s)
	sqlite(t, file, `DELETE FROM decided`, `DELETE FROM decided_of`)
	if got := r.names(t, minutes.ArchiveQuery{Words: "eval"}, false); got != nil {
		t.Fatalf("found without an index: %q", got)
	}
	open(t, "sqlite:"+file)
	if got := r.names(t, minutes.ArchiveQuery{Words: "eval"}, false); len(got) != 2 {
		t.Errorf("after the start: %q", got)
	}
}

// TestADayIsTheMeetings: what is Thursday afternoon in Paris is Friday in
// Auckland, where this meeting takes place.
func TestADayIsTheMeetings(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	file := t.TempDir() + "/rcp.db"
	r := newRoom(t, open(t, "sqlite:"+file), twoPatients()...)
	r.decide(t, "walker", func(d *minutes.Decision) { d.Summary = "Évaluation." })
	sqlite(t, file, `UPDATE meeting SET zone = 'Pacific/Auckland'`)
	r.end(t)
	if _, err := r.minutes.Sign(ctx, r.Chair, r.state.ID, r.state.Version); err != nil {
		t.Fatal(err)
	}
	friday := date.New(2026, 11, 27)
	for _, tt := range []struct {
		from, to date.Date
		want     int
	}{
		{friday, friday, 1},
		{friday.AddDays(1), date.Date{}, 0},
		{date.Date{}, friday.AddDays(-1), 0},
	} {
		found, _, err := r.minutes.Search(ctx, r.Chair, minutes.ArchiveQuery{Words: "eval", From: tt.from, To: tt.to})
		listed, _, err2 := r.minutes.Archive(ctx, r.Chair, minutes.ArchiveQuery{From: tt.from, To: tt.to})
		if err != nil || err2 != nil || len(found) != tt.want || len(listed) != tt.want {
			t.Errorf("%s to %s: found %d, listed %d, want %d, %v %v", tt.from, tt.to, len(found), len(listed), tt.want, err, err2)
		}
	}
}

// sqlite changes a database behind the program's back.
func sqlite(t *testing.T, file string, queries ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, q := range queries {
		if _, err := db.ExecContext(context.Background(), q); err != nil {
			t.Fatal(err)
		}
	}
}
