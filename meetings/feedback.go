package meetings

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// Feedback is what one member, who is not named, thought of a meeting: from 1
// (no) to 4 (yes), and a sentence that may be empty.
type Feedback struct {
	Worth    int // was it worth the time
	Heard    int // was I heard
	Sentence string
}

// The rules of feedback. Answers are taken for a while after the meeting and
// shown when that is over and there are enough of them: a result that changed
// with each answer would say whose it was.
const (
	FeedbackFor   = 72 * time.Hour
	FeedbackLeast = 4
	maxSentence   = 280
)

// FeedbackOpen reports whether feedback on a meeting is taken.
func FeedbackOpen(m Meeting, now time.Time) bool {
	return (m.Status == Held || m.Status == Signed) && !m.HeldAt.IsZero() && now.Before(m.HeldAt.Add(FeedbackFor))
}

// Felt is what members thought of one meeting: averages from 1 to 4.
type Felt struct {
	Meeting      id.Meeting
	Starts       time.Time
	Zone         string
	Answers      int
	Worth, Heard float64
	Sentences    []string // in no order that tells anything
}

// FeltOf sums answers up; ok is false when they are too few to be shown.
func FeltOf(all []Feedback) (f Felt, ok bool) {
	if f.Answers = len(all); f.Answers < FeedbackLeast {
		return Felt{Answers: f.Answers}, false
	}
	for _, one := range all {
		f.Worth, f.Heard = f.Worth+float64(one.Worth), f.Heard+float64(one.Heard)
		if one.Sentence != "" {
			f.Sentences = append(f.Sentences, one.Sentence)
		}
	}
	f.Worth, f.Heard = f.Worth/float64(len(all)), f.Heard/float64(len(all))
	slices.Sort(f.Sentences)
	return f, true
}

// FeedbackStore is what feedback needs of the database.
type FeedbackStore interface {
	// FeedbackAsked reads the meetings held since an instant, at which somebody
	// was and on which they did not answer yet.
	FeedbackAsked(ctx context.Context, org id.Org, who id.Professional, since time.Time) ([]Meeting, error)
	// AddFeedback keeps an answer and, apart from it, that this person gave one;
	// fault.Conflict when they did before.
	AddFeedback(ctx context.Context, org id.Org, m id.Meeting, who id.Professional, f Feedback, by audit.Change) error
	// Feedback reads the answers on the meetings of a team held before an
	// instant, newest first; those without any are missing.
	Feedback(ctx context.Context, org id.Org, team id.Team, before time.Time, limit int) ([]Answers, error)
}

// Answers are the answers on one meeting.
type Answers struct {
	Meeting Meeting // its id, start and zone
	Given   []Feedback
}

// FeedbackAsked lists the meetings on which the actor may still say what they
// thought.
func (s *Service) FeedbackAsked(ctx context.Context, a auth.Actor) ([]Meeting, error) {
	if a.Professional == "" {
		return nil, nil
	}
	return s.store.FeedbackAsked(ctx, a.Org, a.Professional, s.now().Add(-FeedbackFor))
}

// MayFeedback refuses who was not at the meeting, and a meeting on which no
// feedback is taken; it returns the meeting.
func (s *Service) MayFeedback(ctx context.Context, a auth.Actor, mid id.Meeting) (Full, error) {
	const op = "meetings.MayFeedback"
	full, err := s.store.MeetingByID(ctx, a.Org, mid)
	if err != nil {
		return Full{}, fault.Wrap(op, err)
	}
	here := slices.ContainsFunc(full.Attendance, func(t Attendance) bool {
		return t.Professional.ID == a.Professional && (t.Presence == Present || t.Presence == Remote)
	})
	if !here || a.Professional == "" {
		return Full{}, s.refuse(ctx, a, "feedback.given", full.Meeting)
	}
	if !FeedbackOpen(full.Meeting, s.now()) {
		return Full{}, fault.New(fault.Conflict, op, "Les avis sur cette réunion ne sont pas, ou plus, recueillis.")
	}
	return full, nil
}

// GiveFeedback keeps what the actor thought of a meeting at which they were,
// once, and never that it was they. The audit says that they answered, not what.
func (s *Service) GiveFeedback(ctx context.Context, a auth.Actor, mid id.Meeting, f Feedback) error {
	const op = "meetings.GiveFeedback"
	full, err := s.MayFeedback(ctx, a, mid)
	if err != nil {
		return err
	}
	f.Sentence = strings.Join(strings.Fields(f.Sentence), " ")
	var v fault.Check
	v.That(f.Worth >= 1 && f.Worth <= 4, "worth", "Choisissez une réponse.")
	v.That(f.Heard >= 1 && f.Heard <= 4, "heard", "Choisissez une réponse.")
	v.That(utf8.RuneCountInString(f.Sentence) <= maxSentence, "sentence", "280 caractères au plus.")
	if err := v.Err(op); err != nil {
		return err
	}
	return fault.Wrap(op, s.store.AddFeedback(ctx, a.Org, mid, a.Professional, f, s.change(a, "feedback.given", full.Meeting)))
}

// maxFelt is how many meetings the trend looks back.
const maxFelt = 12

// FeedbackTrend returns what members thought of the team's last meetings,
// oldest first, to a member of the team.
func (s *Service) FeedbackTrend(ctx context.Context, a auth.Actor, t id.Team) ([]Felt, error) {
	const op = "meetings.FeedbackTrend"
	if !a.In(t) {
		return nil, nil
	}
	all, err := s.store.Feedback(ctx, a.Org, t, s.now().Add(-FeedbackFor), maxFelt)
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	out := make([]Felt, 0, len(all))
	for _, one := range slices.Backward(all) {
		if f, ok := FeltOf(one.Given); ok {
			f.Meeting, f.Starts, f.Zone = one.Meeting.ID, one.Meeting.Starts, one.Meeting.Zone
			out = append(out, f)
		}
	}
	return out, nil
}
