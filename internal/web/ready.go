package web

import (
	"strings"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/agenda/preparation"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
)

// readyView is the readiness of a case as the pages show it.
type readyView struct {
	Case        id.Case
	Meeting     id.Meeting
	Civil       string // whom the buttons speak of
	To          string // where the buttons come back to: agenda, list or case
	State       state  // prêt, or 4 sur 5
	Done, Total int
	Lines       []readyLine
	Asks        bool // may ask for what is missing
}

// readyLine is one line: done, or what there is to do and who does it.
type readyLine struct {
	Class string
	Text  string
	Who   string
	Path  string // where it is done; empty when nothing is left
	Asks  []askLine
}

// askLine is a contribution that is missing: of whom, asked when.
type askLine struct {
	Text  string // avis : kinésithérapeute
	Meta  string
	Who   id.Professional // whom to ask, or ask again
	Name  string
	Again bool
}

// readyOf puts the readiness of a line into words.
func readyOf(r *request, it agenda.Item, ready preparation.Readiness, zone *time.Location, to string) *readyView {
	if len(ready) == 0 {
		return nil
	}
	v := &readyView{
		Case: it.ID, Meeting: it.Meeting, Civil: it.Patient.Civil(), To: to, Done: ready.Done(), Total: len(ready),
		Asks:  r.actor.In(it.Team, auth.Secretary, auth.Chair) && it.Status == agenda.Scheduled,
		State: state{"ok", r.T("Prêt")},
	}
	if !ready.Ready() {
		v.State = state{"run", r.T("%d sur %d", v.Done, v.Total)}
	}
	for _, l := range ready {
		line := readyLine{Class: "ok", Text: l.Text(r.lang)}
		if !l.Done {
			line.Class, line.Path, line.Who = "todo", placeOfNeed(it, l.Need), whoDoes(r, l)
			line.Asks = asksOf(r, l, zone)
		}
		if !l.Done || to != "list" { // a list says only what is left
			v.Lines = append(v.Lines, line)
		}
	}
	return v
}

// placeOfNeed is the page where a line is done.
func placeOfNeed(it agenda.Item, n preparation.Need) string {
	switch n {
	case preparation.NeedQuestion:
		return "/cases/" + string(it.ID) + "/preparation#resume"
	case preparation.NeedContributions:
		return "/cases/" + string(it.ID) + "/preparation#avis"
	case preparation.NeedChecklist:
		return "/cases/" + string(it.ID) + "/preparation#liste"
	case preparation.NeedPresenter:
		return "/meetings/" + string(it.Meeting) + "/attendance"
	}
	return "/patients/" + string(it.Patient.ID)
}

// whoDoes names who has to do what is left.
func whoDoes(r *request, l preparation.Line) string {
	switch {
	case l.Need == preparation.NeedPresenter, l.Need == preparation.NeedIdentity, l.Who == "" && l.Need != preparation.NeedContributions:
		return r.T("le secrétariat")
	case l.Need == preparation.NeedContributions:
		return ""
	}
	return l.Who
}

// asksOf are the contributions missing, with whom to ask or ask again.
func asksOf(r *request, l preparation.Line, zone *time.Location) []askLine {
	var all []askLine
	for _, e := range l.Missing() {
		for _, k := range e.Asked {
			all = append(all, askLine{e.Text(r.lang), askedWhen(r, k, zone), k.Professional.ID, k.Professional.Name(), true})
		}
		if len(e.Asked) == 0 && len(e.Could) > 0 {
			p := e.Could[0]
			all = append(all, askLine{e.Text(r.lang), r.T("pas encore demandé à %s", p.Name()), p.ID, p.Name(), false})
		}
	}
	return all
}

func askedWhen(r *request, k preparation.Contribution, zone *time.Location) string {
	return r.T("demandé à %s le %s", k.Professional.Name(), lang.DayMonth(date.Of(k.AskedAt.In(zone))))
}

// contribView is what one person wrote about a case, or is asked for.
type contribView struct {
	Profession string
	Name       string
	Meta       string
	Text       string
	Written    bool
	Mine       bool
	Ask        *askLine // what may be asked; nil: nothing
}

// contribViews are the contributions by profession, those awaited included.
func contribViews(r *request, all []preparation.Expected, zone *time.Location) (views []contribView, written int) {
	for _, e := range all {
		profession := professionName(r.lang, e.Profession)
		for _, k := range e.Written {
			views = append(views, contribView{
				Profession: profession, Name: k.Professional.Name(), Meta: writtenWhen(r, k, zone), Text: k.Text, Written: true,
				Mine: k.Professional.ID == r.actor.Professional,
			})
		}
		if e.Done() {
			written++
			continue
		}
		for _, k := range e.Asked {
			views = append(views, contribView{
				Profession: profession, Name: k.Professional.Name(), Meta: askedWhen(r, k, zone), Mine: k.Professional.ID == r.actor.Professional,
				Ask: &askLine{Who: k.Professional.ID, Name: k.Professional.Name(), Again: true},
			})
		}
		for _, p := range e.Could {
			views = append(views, contribView{
				Profession: profession, Name: p.Name(), Mine: p.ID == r.actor.Professional, Ask: &askLine{Who: p.ID, Name: p.Name()},
			})
		}
	}
	return views, written
}

func writtenWhen(r *request, k preparation.Contribution, zone *time.Location) string {
	day := lang.DayMonth(date.Of(k.WrittenAt.In(zone)))
	if k.Opinion {
		return r.T("avis écrit le %s", day)
	}
	return r.T("le %s", day)
}

func professionNames(l string, keys []string) string {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = strings.ToLower(professionName(l, k))
	}
	return strings.Join(names, ", ")
}
