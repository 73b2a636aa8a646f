package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/meetings"
)

// seriesForm is the form of the house's series as its page fills it.
func (h *harness) seriesForm() url.Values {
	return url.Values{
		"version": {strconv.Itoa(h.Series.Version)}, "scope": {"all"}, "freq": {"weekly"}, "interval": {"1"}, "weekday": {"4"}, "start": {"14 h 30"},
		"duration": {"1h30m0s"}, "end": {"never"}, "on_closed": {"skip"}, "room": {"Salle Simone"}, "do": {"preview"},
	}
}

func (h *harness) seriesPath(parts ...string) string {
	return strings.Join(append([]string{"/teams", string(h.Team.ID), "series", string(h.Series.ID)}, parts...), "/")
}

// The page of a series says what each date becomes, who hears of it and what a
// changed field was.
func TestASeriesShowsWhatItsEditDoes(t *testing.T) {
	t.Parallel()
	h := setup(t)
	for _, c := range []struct {
		name string
		set  url.Values
		want []string // of the preview
		was  string
	}{
		{
			"another day from a date on",
			url.Values{"scope": {"following"}, "from": {"2026-12-10"}, "weekday": {"5"}, "start": {"14 h 00"}},
			[]string{"ven. 11 déc. 14 h 00 Déplacée (avant : jeu. 10 déc., 14 h 30)", "ven. 25 déc. 14 h 00 Annulée : Noël"},
			"#w-days avant : chaque jeudi",
		},
		{
			"an earlier day of the same week",
			url.Values{"scope": {"following"}, "from": {"2026-12-10"}, "weekday": {"3"}},
			[]string{"mer. 9 déc. 14 h 30 Déplacée (avant : jeu. 10 déc., 14 h 30)"},
			"#w-days avant : chaque jeudi",
		},
		{"another room", url.Values{"room": {"Salle Ada"}}, []string{"Changement de lieu"}, "#w-room avant : Salle Simone"},
		{"before closed days", url.Values{"weekday": {"5"}, "start": {"14 h 00"}, "on_closed": {"before"}}, []string{"jeu. 24 déc. 14 h 00 Avancée : Noël"}, "#w-closed avant : Sauter la date"},
		{"two days", url.Values{"weekday": {"1", "4"}}, []string{"lun. 23 nov.", "Nouvelle", "jeu. 26 nov. 14 h 30 Inchangée", "Sautée : Lundi de Pâques"}, "#w-days avant : chaque jeudi"},
		{"monthly", url.Values{"freq": {"monthly"}, "nth": {"1"}, "weekday": {"2"}}, []string{"mar. 1er déc.", "Annulée"}, "#w-days avant : chaque jeudi"},
		{"by count", url.Values{"end": {"count"}, "count": {"3"}}, []string{"jeu. 10 déc. 14 h 30 Inchangée", "jeu. 17 déc. 14 h 30 Annulée"}, "#w-end avant :"},
	} {
		f := h.seriesForm()
		for k, v := range c.set {
			f[k] = v
		}
		w := h.as(t, "secretary", post, h.seriesPath(), f)
		doc := html(t, w)
		got := said(doc.Find("#apercu"))
		for _, want := range c.want {
			if w.Code != http.StatusOK || !strings.Contains(plainSpaces(got), want) {
				t.Errorf("%s: %d, no %q in %q", c.name, w.Code, want, got)
			}
		}
		id, want, _ := strings.Cut(c.was, " ")
		if got := plainSpaces(said(doc.Find(id))); !strings.HasPrefix(got, want) {
			t.Errorf("%s: the field says %q", c.name, got)
		}
		if !strings.Contains(plainSpaces(got), "Enregistrer et prévenir 3 personnes") || doc.Find("#apercu details .mail, #apercu .mail").Length() == 0 {
			t.Errorf("%s: no count or no mail: %q", c.name, got)
		}
	}
	if _, all, _ := h.Meetings.Dates(t.Context(), h.Secretary, h.Series.ID); len(all) == 0 || all[0].Room != "Salle Simone" {
		t.Error("a preview saved something")
	}
}

// plainSpaces makes no-break spaces plain ones.
func plainSpaces(s string) string {
	return strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(s)
}

// A clash is shown, and accepted only knowingly.
func TestAClashIsAcceptedKnowingly(t *testing.T) {
	t.Parallel()
	h := setup(t)
	starts := time.Date(2026, 12, 11, 14, 0, 0, 0, time.UTC)
	if _, err := h.Meetings.Create(t.Context(), h.Secretary, h.Team.ID, "", meetings.Move{Starts: starts, Ends: starts.Add(time.Hour), Room: "salle simone"}); err != nil {
		t.Fatal(err)
	}
	f := h.seriesForm()
	f.Set("weekday", "5")
	f.Set("do", "save")
	w := h.as(t, "secretary", post, h.seriesPath(), f)
	doc := html(t, w)
	box := doc.Find(`#conflits input[name=anyway]`)
	if got := plainSpaces(said(doc.Find("#conflits"))); w.Code != http.StatusUnprocessableEntity || box.Length() != 1 ||
		!strings.Contains(got, "ven. 11 déc. : salle déjà prise, et déjà en réunion") {
		t.Fatalf("%d, %q", w.Code, got)
	}
	f.Set("anyway", "1")
	h.do(t, "secretary", h.seriesPath(), f)
}

// A series is stopped from a date on, once what it does was shown.
func TestASeriesIsStopped(t *testing.T) {
	t.Parallel()
	h := setup(t)
	f := url.Values{"version": {strconv.Itoa(h.Series.Version)}, "from": {"2026-12-10"}, "do": {"preview"}}
	got := plainSpaces(said(html(t, h.as(t, "secretary", post, h.seriesPath("stop"), f)).Find("#apercu")))
	if strings.Contains(got, "jeu. 3 déc.") || !strings.Contains(got, "jeu. 10 déc. 14 h 30 Annulée") {
		t.Errorf("the preview says %q", got)
	}
	f.Set("do", "save")
	h.do(t, "secretary", h.seriesPath("stop"), f)
	_, all, err := h.Meetings.Dates(t.Context(), h.Secretary, h.Series.ID)
	if err != nil || len(all) != 2 {
		t.Errorf("%d dates are left, %v", len(all), err)
	}
	if row := said(h.see(t, "secretary", "/teams/"+string(h.Team.ID)).Find("#series li")); !strings.Contains(row, "Annoncée") || !strings.Contains(plainSpaces(row), "fin : le 09/12/2026") {
		t.Errorf("the team's page says %q", row)
	}
}

// A date outside the rule is added; one on a closed day only knowingly, and one
// on a day that the series has already not at all.
func TestADateIsAddedToASeries(t *testing.T) {
	t.Parallel()
	h := setup(t)
	f := url.Values{"day": {"2026-12-25"}, "starts": {"9 h"}, "ends": {"10 h"}, "room": {"Salle Ada"}, "do": {"save"}}
	w := h.as(t, "secretary", post, h.seriesPath("date"), f)
	if got := said(html(t, w).Find("#conflits")); w.Code != http.StatusUnprocessableEntity || !strings.Contains(got, "jour fermé, Noël") {
		t.Errorf("Christmas: %d, %q", w.Code, got)
	}
	f.Set("day", "2026-12-10")
	if w := h.as(t, "secretary", post, h.seriesPath("date"), f); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("a day that it has: %d", w.Code)
	}
	f.Set("day", "2026-12-15")
	if got := h.do(t, "secretary", h.seriesPath("date"), f); !strings.HasPrefix(got, "/meetings/") {
		t.Errorf("leads to %q", got)
	}
}

// Closures are shown with what they do, added, and taken off again.
func TestClosures(t *testing.T) {
	t.Parallel()
	h := setup(t)
	path := "/teams/" + string(h.Team.ID) + "/closures"
	f := url.Values{"from": {"2026-12-09"}, "until": {"2026-12-12"}, "name": {"Congrès"}, "do": {"preview"}}
	got := plainSpaces(said(html(t, h.as(t, "secretary", post, path, f)).Find("#apercu")))
	if !strings.Contains(got, "jeu. 10 déc. 14 h 30 Annulée : Congrès") {
		t.Errorf("the preview says %q", got)
	}
	f.Set("do", "")
	h.do(t, "secretary", path, f)
	all, err := h.Meetings.Closures(t.Context(), h.Secretary, h.Team.ID)
	if err != nil || len(all) != 1 || all[0].From != date.New(2026, 12, 9) {
		t.Fatalf("%v, %v", all, err)
	}
	for who, want := range map[string]int{"secretary": 1, "clinician": 0} {
		if n := h.see(t, who, path).Find(`button[name=remove]`).Length(); n != want {
			t.Errorf("%s may remove %d", who, n)
		}
	}
	if w := h.as(t, "secretary", post, path, url.Values{"from": {"2026-12-09"}, "until": {"2026-12-01"}, "name": {"x"}}); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("an end before the beginning: %d", w.Code)
	}
	h.do(t, "secretary", path, url.Values{"remove": {string(all[0].ID)}})
	if all, err := h.Meetings.Closures(t.Context(), h.Secretary, h.Team.ID); err != nil || len(all) != 0 {
		t.Errorf("%v, %v", all, err)
	}
	h.do(t, "admin", "/closures", f)
	if got := said(h.see(t, "secretary", path).Find(".list")); !strings.Contains(got, "tout l’établissement") {
		t.Errorf("the team's page says %q", got)
	}
}

// One date says that the others stay, and what moving or cancelling it does.
func TestOneDateShowsWhatItsEditDoes(t *testing.T) {
	t.Parallel()
	h := setup(t)
	doc := h.see(t, "secretary", h.page("cancel"))
	if got := plainSpaces(said(doc.Find("main"))); !strings.Contains(got, "les autres dates ne bougent pas") || !strings.Contains(got, "jeu. 26 nov. 14 h 30 Annulée") {
		t.Errorf("cancelling says %q", got)
	}
	f := url.Values{"version": {strconv.Itoa(h.meeting.Meeting.Version)}, "day": {"2026-11-27"}, "starts": {"15:00"}, "ends": {"16:00"}, "room": {"Salle 2"}, "do": {"preview"}}
	w := h.as(t, "secretary", post, h.page("move"), f)
	if got := plainSpaces(said(html(t, w).Find("#apercu"))); w.Code != http.StatusOK || !strings.Contains(got, "ven. 27 nov. 15 h 00 Déplacée (avant : jeu. 26 nov., 14 h 30)") {
		t.Errorf("moving: %d, %q", w.Code, got)
	}
	f.Set("day", "2026-12-25")
	f.Set("do", "save")
	if w := h.as(t, "secretary", post, h.page("move"), f); w.Code != http.StatusUnprocessableEntity || html(t, w).Find("#conflits [name=anyway]").Length() != 1 {
		t.Errorf("Christmas: %d", w.Code)
	}
	if doc := h.see(t, "clinician", h.page("move")); doc.Find("#apercu").Length() != 0 {
		t.Error("a clinician is shown a preview")
	}
}

// A series of every second week that changes its hour keeps its weeks, also
// when the page is opened in a week without it.
func TestEverySecondWeekStaysTheSameOne(t *testing.T) {
	t.Parallel()
	h := setup(t)
	one, err := h.Meetings.SaveSeries(t.Context(), h.Secretary, "", 0, meetings.SeriesEdit{
		Team: h.Team.ID, Rule: meetings.Every(2, time.Tuesday), Start: "09:00", Duration: time.Hour, From: date.New(2026, 12, 1), Anyway: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	f := h.seriesForm()
	f.Set("version", strconv.Itoa(one.Version))
	f.Set("interval", "2")
	f.Set("weekday", "3")
	doc := html(t, h.as(t, "secretary", post, "/teams/"+string(h.Team.ID)+"/series/"+string(one.ID), f))
	if got := plainSpaces(said(doc.Find("#apercu tbody tr").First())); !strings.HasPrefix(got, "mer. 2 déc. 14 h 30 Déplacée (avant : mar. 1er déc., 9 h 00)") {
		t.Errorf("the first date is %q", got)
	}
}
