package handover

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/archive"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
)

// Source is where the minutes of a package are read.
type Source interface {
	OrgByID(ctx context.Context, org id.Org) (auth.Org, error)
	// FiledOf reads the signed minutes of teams whose meetings began in
	// [from, to), with their documents, by team and number.
	FiledOf(ctx context.Context, org id.Org, teams []id.Team, from, to time.Time) ([]minutes.Filed, error)
}

// Package is a year of signed minutes of some teams, to be made into a bag.
type Package struct {
	Org     auth.Org
	Year    int
	Teams   map[id.Team]meetings.Team
	Minutes []minutes.Filed

	Training int // minutes left out: exercises on fictional patients
}

// Choose reads what a package holds: the meetings of a year, where each took
// place.
func Choose(ctx context.Context, src Source, org id.Org, teams []meetings.Team, year int) (Package, error) {
	const op = "handover.Choose"
	p := Package{Year: year, Teams: map[id.Team]meetings.Team{}}
	var ids []id.Team
	for _, t := range teams {
		p.Teams[t.ID] = t
		ids = append(ids, t.ID)
	}
	var err error
	if p.Org, err = src.OrgByID(ctx, org); err != nil || len(ids) == 0 {
		return p, fault.Wrap(op, err)
	}
	from := time.Date(year, time.January, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, -1) // no zone is further from UTC
	all, err := src.FiledOf(ctx, org, ids, from, from.AddDate(1, 0, 3))
	if err != nil {
		return p, fault.Wrap(op, err)
	}
	for _, f := range all {
		if err := json.Unmarshal(f.JSON, &f.Content); err != nil {
			return p, fault.Errorf(op, "minutes %s: %w", f.ID, ErrDamaged)
		}
		switch {
		case local(f.MeetingAt, f.Content.Zone).Year() != year:
		case f.Content.Training:
			p.Training++
		default:
			p.Minutes = append(p.Minutes, f)
		}
	}
	return p, nil
}

func local(t time.Time, zone string) time.Time { return t.In(meetings.Meeting{Zone: zone}.Location()) }

// maker is a package in the making.
type maker struct {
	Package
	archive minutes.Archive
	bag     *archive.Bag
	rows    []row
	kept    int
}

// Make writes the bag into a folder: what is there already and is the same is
// kept. step is told after each version how many are done; its error ends it.
func (p Package) Make(ctx context.Context, docs minutes.Archive, dir, program string, now time.Time, step func(done int) error) (kept int, err error) {
	const op = "handover.Make"
	m := maker{Package: p, archive: docs}
	if m.bag, err = archive.NewBag(dir); err != nil {
		return 0, fault.Wrap(op, err)
	}
	for i, f := range p.Minutes {
		if err := m.minutes(ctx, f); err != nil {
			return m.kept, fault.Wrap(op, err)
		}
		if err := step(i + 1); err != nil {
			return m.kept, err
		}
	}
	page, err := index(p, m.rows)
	if err != nil {
		return m.kept, fault.Wrap(op, err)
	}
	if err := m.add("index.html", page); err != nil {
		return m.kept, fault.Wrap(op, err)
	}
	return m.kept, fault.Wrap(op, m.bag.Seal([]archive.Label{
		{Name: "Source-Organization", Value: p.Org.Name},
		{Name: "External-Description", Value: fmt.Sprintf("Comptes rendus signés des réunions de %d", p.Year)},
		{Name: "Bagging-Date", Value: now.Format(time.DateOnly)},
		{Name: "Bag-Software-Agent", Value: program},
	}))
}

// slug is a team's name as a part of a path: letters, digits and hyphens.
func slug(name string) string {
	return strings.Map(func(r rune) rune {
		if r > 127 {
			return '-'
		}
		return r
	}, strings.ReplaceAll(careplan.Fold(name), " ", "-"))
}

// folder is where minutes stand: no name of a patient is in a path.
func (m *maker) folder(f minutes.Filed) string {
	short := string(f.Team)[max(0, len(f.Team)-6):]
	day := local(f.MeetingAt, f.Content.Zone).Format(time.DateOnly)
	return fmt.Sprintf("%s-%s/%05d-%s-v%d/", slug(m.Teams[f.Team].Name), short, f.Seq, day, f.Version)
}

// minutes adds one version: its text as it was signed, and its PDFs.
func (m *maker) minutes(ctx context.Context, f minutes.Filed) error {
	at := m.folder(f)
	r := row{
		Team: m.Teams[f.Team].Name, Day: local(f.MeetingAt, f.Content.Zone).Format("02/01/2006"), Version: f.Version, Signer: f.Signer,
		Signed: local(f.SignedAt, f.Content.Zone).Format("02/01/2006"), SHA256: f.SHA256, Reason: f.Reason, JSON: at + "contenu.json",
	}
	if err := m.add(r.JSON, f.JSON); err != nil {
		return err
	}
	files := map[id.Patient]string{}
	for _, d := range f.Documents {
		pdf, err := m.archive.Get(ctx, d.SHA256)
		if fault.Is(err, fault.NotFound) || damaged(err) {
			return fmt.Errorf("document %s: %w", d.SHA256, ErrDamaged)
		}
		if err != nil {
			return err
		}
		path := at + "compte-rendu.pdf"
		if d.Kind == minutes.Extract {
			path = fmt.Sprintf("%sextrait-%03d.pdf", at, len(files)+1)
			files[d.Patient] = path
		} else {
			r.Register = path
		}
		if err := m.add(path, pdf); err != nil {
			return err
		}
	}
	for _, k := range f.Content.Cases {
		p := careplan.Patient{BirthFamily: k.BirthFamily, BirthGiven: k.BirthGiven}
		r.Extracts = append(r.Extracts, extract{p.Name(), files[k.Patient]})
	}
	m.rows = append(m.rows, r)
	return nil
}

func (m *maker) add(path string, content []byte) error {
	kept, err := m.bag.Add(path, content)
	if kept {
		m.kept++
	}
	return err
}
