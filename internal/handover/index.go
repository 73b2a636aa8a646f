package handover

import (
	"bytes"
	"html/template"
)

// row is a line of the index.
type row struct {
	Team, Day, Signer, Signed, SHA256, Reason string
	Version                                   int
	Register, JSON                            string
	Extracts                                  []extract
}

type extract struct{ Name, Path string }

// indexPage is the page that leads to every document, in French.
const indexPage = `<!doctype html>
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

func index(p Package, rows []row) ([]byte, error) {
	page, err := template.New("index").Parse(indexPage)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = page.Execute(&b, struct {
		Year int
		Org  string
		Rows []row
	}{p.Year, p.Org.Name, rows})
	return b.Bytes(), err
}
