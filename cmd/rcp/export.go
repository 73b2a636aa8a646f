package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"strings"
	"time"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/archive"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
)

type exportCmd struct {
	Archive exportArchiveCmd `cmd:"" help:"Write a year's signed minutes as a BagIt package (RFC 8493). Run again, it goes on where it stopped."`
}

type exportArchiveCmd struct {
	Year int    `required:"" help:"Year of the meetings."`
	Team string `help:"Name or id of one team; all by default."`
	Dir  string `arg:"" help:"New or empty folder, or one in which this was begun."`
}

// Run writes the package: what is there already and is the same is kept.
func (c exportArchiveCmd) Run(e *env) error {
	s, err := openExisting(e)
	if err != nil {
		return err
	}
	defer closing(e, s)
	x := export{env: e, year: c.Year, archive: archive.New(e.Archive), teams: map[id.Team]meetings.Team{}}
	all, err := x.chosen(s, c.Team)
	if err != nil {
		return err
	}
	x.bag, err = archive.NewBag(c.Dir)
	if errors.Is(err, archive.ErrNotABag) {
		return fmt.Errorf("%s holds something else: choose a new folder", c.Dir)
	}
	if err != nil {
		return err
	}
	for i, f := range all {
		if err := x.minutes(f); err != nil {
			return err
		}
		fmt.Fprintf(e.stderr, "\r%d of %d", i+1, len(all))
	}
	if len(all) > 0 {
		fmt.Fprintln(e.stderr)
	}
	if err := x.seal(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.stdout, "%d signed minutes in %s, %d files kept from before\n", len(all), c.Dir, x.kept)
	return err
}

// export is a package in the making.
type export struct {
	env     *env
	org     auth.Org
	year    int
	archive *archive.Folder
	bag     *archive.Bag
	teams   map[id.Team]meetings.Team
	rows    []exported
	kept    int
}

// exported is a line of the index.
type exported struct {
	Team, Day, Signer, Signed, SHA256, Reason string
	Version                                   int
	Register, JSON                            string
	Extracts                                  []exportedExtract
}

type exportedExtract struct{ Name, Path string }

// chosen reads the year's minutes of the organisation, or of one team.
func (x *export) chosen(s *store.Store, team string) ([]minutes.Filed, error) {
	org, err := onlyOrg(x.env, s)
	if err != nil {
		return nil, err
	}
	if x.org, err = s.OrgByID(x.env.ctx, org); err != nil {
		return nil, err
	}
	teams, err := s.Teams(x.env.ctx, org)
	if err != nil {
		return nil, err
	}
	for _, t := range teams {
		if team == "" || t.Name == team || string(t.ID) == team {
			x.teams[t.ID] = t
		}
	}
	if len(x.teams) == 0 {
		return nil, fmt.Errorf("there is no team %q", team)
	}
	all, err := s.FiledMinutes(x.env.ctx, org)
	var some []minutes.Filed
	for _, f := range all {
		if _, ok := x.teams[f.Team]; !ok {
			continue
		}
		if err := json.Unmarshal(f.JSON, &f.Content); err != nil {
			return nil, fmt.Errorf("minutes %s cannot be read: run rcp verify archive", f.ID)
		}
		if local(f.MeetingAt, f.Content.Zone).Year() == x.year {
			some = append(some, f)
		}
	}
	return some, err
}

func local(t time.Time, zone string) time.Time { return t.In(meetings.Meeting{Zone: zone}.Location()) }

// folder is where minutes stand: no name of a patient is in a path.
func (x *export) folder(f minutes.Filed) string {
	name := strings.ReplaceAll(careplan.Fold(x.teams[f.Team].Name), " ", "-")
	ascii := strings.Map(func(r rune) rune {
		if r > 127 {
			return '-'
		}
		return r
	}, name)
	short := string(f.Team)[max(0, len(f.Team)-6):]
	return fmt.Sprintf("%s-%s/%05d-%s-v%d/", ascii, short, f.Seq, local(f.MeetingAt, f.Content.Zone).Format(time.DateOnly), f.Version)
}

// minutes adds one version: its text as it was signed, and its PDFs.
func (x *export) minutes(f minutes.Filed) error {
	at := x.folder(f)
	row := exported{
		Team: x.teams[f.Team].Name, Day: local(f.MeetingAt, f.Content.Zone).Format("02/01/2006"), Version: f.Version, Signer: f.Signer,
		Signed: local(f.SignedAt, f.Content.Zone).Format("02/01/2006"), SHA256: f.SHA256, Reason: f.Reason, JSON: at + "contenu.json",
	}
	if err := x.add(row.JSON, f.JSON); err != nil {
		return err
	}
	files := map[id.Patient]string{}
	for _, d := range f.Documents {
		pdf, err := x.archive.Get(x.env.ctx, d.SHA256)
		if err != nil {
			return fmt.Errorf("document %s: %w: run rcp verify archive", d.SHA256, err)
		}
		path := at + "compte-rendu.pdf"
		if d.Kind == minutes.Extract {
			path = fmt.Sprintf("%sextrait-%03d.pdf", at, len(files)+1)
			files[d.Patient] = path
		} else {
			row.Register = path
		}
		if err := x.add(path, pdf); err != nil {
			return err
		}
	}
	for _, k := range f.Content.Cases {
		p := careplan.Patient{BirthFamily: k.BirthFamily, BirthGiven: k.BirthGiven}
		row.Extracts = append(row.Extracts, exportedExtract{p.Name(), files[k.Patient]})
	}
	x.rows = append(x.rows, row)
	return nil
}

func (x *export) add(path string, content []byte) error {
	kept, err := x.bag.Add(path, content)
	if kept {
		x.kept++
	}
	return err
}

// index is the page that leads to every document, in French.
const index = `<!doctype html>
<html lang="fr"><meta charset="utf-8"><title>Comptes rendus signés {{.Year}}</title>
<style>body{font:16px/1.5 sans-serif;margin:2rem;max-width:75rem}table{border-collapse:collapse;width:100%}th,td{border-bottom:1px solid #888;padding:.4rem;text-align:left;vertical-align:top}code{word-break:break-all}</style>
<h1>Comptes rendus signés {{.Year}}</h1>
<p>{{.Org}}. Chaque version signée est là avec son contenu (JSON), son registre et un extrait par patient. L’empreinte est le SHA-256 du contenu.</p>
<table><thead><tr><th scope="col">Réunion</th><th scope="col">Équipe</th><th scope="col">Version</th><th scope="col">Signé par</th><th scope="col">Documents</th><th scope="col">Empreinte</th></tr></thead><tbody>
{{range .Rows}}<tr><th scope="row">{{.Day}}</th><td>{{.Team}}</td><td>{{.Version}}{{with .Reason}}<br>{{.}}{{end}}</td><td>{{.Signer}}<br>{{.Signed}}</td>
<td><a href="{{.Register}}">Registre</a>, <a href="{{.JSON}}">contenu</a>{{range .Extracts}}<br><a href="{{.Path}}">{{.Name}}</a>{{end}}</td><td><code>{{.SHA256}}</code></td></tr>
{{else}}<tr><td colspan="6">Aucun compte rendu signé cette année.</td></tr>
{{end}}</tbody></table></html>
`

func (x *export) seal() error {
	page, err := template.New("index").Parse(index)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := page.Execute(&b, struct {
		Year int
		Org  string
		Rows []exported
	}{x.year, x.org.Name, x.rows}); err != nil {
		return err
	}
	if err := x.add("index.html", b.Bytes()); err != nil {
		return err
	}
	return x.bag.Seal([]archive.Label{
		{Name: "Source-Organization", Value: x.org.Name},
		{Name: "External-Description", Value: fmt.Sprintf("Comptes rendus signés des réunions de %d", x.year)},
		{Name: "Bagging-Date", Value: x.env.now().Format(time.DateOnly)},
		{Name: "Bag-Software-Agent", Value: "rcp " + version},
	})
}
