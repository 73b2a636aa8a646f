package storetest

import (
	"context"
	"database/sql"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/internal/testenv"
	"github.com/rcp-care/rcp/meetings"
)

func TestFeedbackIsGivenOnceByThoseWhoWereThere(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		r, _ := signedRoom(t, s)
		good := meetings.Feedback{Worth: 3, Heard: 4, Sentence: " Enfin  à l’heure. "}
		asked, err := r.Meetings.FeedbackAsked(ctx, r.Clinician)
		if err != nil || len(asked) != 1 || asked[0].ID != r.state.ID {
			t.Fatalf("asked: %+v, %v", asked, err)
		}
		if err := r.Meetings.GiveFeedback(ctx, r.Stranger, r.state.ID, good); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a stranger: %v", err)
		}
		if err := r.Meetings.GiveFeedback(ctx, r.Clinician, r.state.ID, meetings.Feedback{Worth: 5, Heard: 4}); !fault.Is(err, fault.Invalid) {
			t.Errorf("5 of 4: %v", err)
		}
		if err := r.Meetings.GiveFeedback(ctx, r.Clinician, r.state.ID, good); err != nil {
			t.Fatal(err)
		}
		if err := r.Meetings.GiveFeedback(ctx, r.Clinician, r.state.ID, good); !fault.Is(err, fault.Conflict) {
			t.Errorf("twice: %v", err)
		}
		if asked, err = r.Meetings.FeedbackAsked(ctx, r.Clinician); err != nil || len(asked) != 0 {
			t.Errorf("asked again: %+v, %v", asked, err)
		}
		r.at = over.Add(meetings.FeedbackFor)
		if err := r.Meetings.GiveFeedback(ctx, r.Chair, r.state.ID, good); !fault.Is(err, fault.Conflict) {
			t.Errorf("too late: %v", err)
		}
	})
}

// TestNothingJoinsAnAnswerToWhoGaveIt gives four answers and looks at all that
// the database keeps of them: ids, order and transactions.
func TestNothingJoinsAnAnswerToWhoGaveIt(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		r, _ := signedRoom(t, s)
		give := []auth.Actor{r.Clinician, r.Chair, r.Secretary}
		for _, m := range r.Team.Members {
			if m.ID != r.Clinician.Professional && m.ID != r.Chair.Professional && m.ID != r.Secretary.Professional {
				give = append(give, auth.Actor{Professional: m.ID, Org: r.Org.ID, Name: m.Name(), Teams: r.Clinician.Teams})
			}
		}
		if len(give) < meetings.FeedbackLeast {
			t.Fatalf("%d members", len(give))
		}
		for i, a := range give[:meetings.FeedbackLeast] {
			r.at = over.Add(time.Duration(i) * time.Minute)
			if err := r.Meetings.GiveFeedback(ctx, a, r.state.ID, meetings.Feedback{Worth: 1 + i%4, Heard: 4}); err != nil {
				t.Fatal(err)
			}
		}
		if felt, err := r.Meetings.FeedbackTrend(ctx, r.Clinician, r.Team.ID); err != nil || len(felt) != 0 {
			t.Errorf("shown while answers are taken: %+v, %v", felt, err)
		}
		r.at = over.Add(meetings.FeedbackFor)
		felt, err := r.Meetings.FeedbackTrend(ctx, r.Clinician, r.Team.ID)
		if err != nil || len(felt) != 1 || felt[0].Answers != 4 || felt[0].Worth != 2.5 || felt[0].Heard != 4 {
			t.Errorf("trend %+v, %v", felt, err)
		}
		if felt, err = r.Meetings.FeedbackTrend(ctx, r.Stranger, r.Team.ID); err != nil || len(felt) != 0 {
			t.Errorf("a stranger reads %+v, %v", felt, err)
		}
		entries, err := s.AuditEntries(ctx, r.Org.ID, audit.Filter{Action: "feedback.given", Limit: 50})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.Detail != "" || e.ObjectID != string(r.state.ID) {
				t.Errorf("the log says %q of %q", e.Detail, e.ObjectID)
			}
		}
	})
}

// TestTheRowsOfAnswersTellNothing opens the database itself: what a row holds,
// in what order it stands and which transaction wrote it.
func TestTheRowsOfAnswersTellNothing(t *testing.T) {
	t.Parallel()
	for driver, dsn := range map[string]func(*testing.T) string{
		"sqlite": func(t *testing.T) string { return filepath.Join(t.TempDir(), "rcp.db") },
		"pgx":    func(t *testing.T) string { return testenv.Postgres(t) },
	} {
		t.Run(driver, func(t *testing.T) {
			t.Parallel()
			ctx, at := context.Background(), dsn(t)
			s := open(t, map[string]string{"sqlite": "sqlite:", "pgx": ""}[driver]+at)
			r, _ := signedRoom(t, s)
			for i, a := range []auth.Actor{r.Clinician, r.Chair, r.Secretary} {
				if err := r.Meetings.GiveFeedback(ctx, a, r.state.ID, meetings.Feedback{Worth: 1 + i, Heard: 4}); err != nil {
					t.Fatal(err)
				}
			}
			db, err := sql.Open(driver, at)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			rows, err := db.QueryContext(ctx, `SELECT * FROM feedback`)
			if err != nil {
				t.Fatal(err)
			}
			defer rows.Close()
			columns, err := rows.Columns()
			if want := []string{"id", "org", "meeting", "worth", "heard", "sentence"}; err != nil || !slices.Equal(columns, want) {
				t.Errorf("a row holds %q, %v", columns, err)
			}
			for rows.Next() {
			}
			if err := rows.Err(); err != nil {
				t.Fatal(err)
			}
			if driver == "sqlite" {
				for _, table := range []string{"feedback", "feedback_given"} {
					if _, err := db.ExecContext(ctx, `SELECT rowid FROM `+table); err == nil {
						t.Errorf("the rows of %s are numbered as they came", table)
					}
				}
				return
			}
			var writers, answers int
			err = db.QueryRowContext(ctx, `SELECT count(DISTINCT xmin::text), count(*) FROM feedback`).Scan(&writers, &answers)
			if err != nil || writers != 1 || answers != 3 {
				t.Errorf("%d transactions wrote %d answers, %v", writers, answers, err)
			}
		})
	}
}
