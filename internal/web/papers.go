package web

import (
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/rcp-care/rcp/agenda/papers"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
)

// maxPapers is the most bytes of one sending of documents, with what stands
// around them in the form.
const maxPapers = 10*papers.MaxSize + 1<<20

// papersTake is how long a sending may hold the connection.
const papersTake = 5 * time.Minute

// paperSection is the part "papers" of a page about a case.
type paperSection struct {
	Case    id.Case
	Rows    []paperRow
	Earlier []paperRow
	Open    bool // documents may be added
	Room    int  // how many more
	Scans   bool
	Refused []refusedFile
	Kept    int // of the sending that is answered
}

// paperRow is a document in a list.
type paperRow struct {
	papers.Paper
	Title  string
	What   string // PDF, 1,2 Mo
	When   time.Time
	State  state
	Opens  bool
	May    bool // remove, put back
	IsGone bool
}

// refusedFile is one file of a sending that was not taken, and why.
type refusedFile struct{ Name, Why string }

// Empty reports whether there is no document.
func (p *paperSection) Empty() bool { return len(p.Rows) == 0 && len(p.Earlier) == 0 }

// papersOf reads the documents of a case; nil when there are none to be had.
func (s *Server) papersOf(r *request, c id.Case, loc *time.Location) (*paperSection, error) {
	if s.cfg.Papers == nil {
		return nil, nil
	}
	list, err := s.cfg.Papers.List(r.ctx(), r.actor, c)
	if err != nil {
		return nil, err
	}
	v := &paperSection{Case: c, Open: list.Open, Room: list.Room(), Scans: list.Scans}
	for _, p := range list.Papers {
		v.Rows = append(v.Rows, newPaperRow(r, list, p, loc))
	}
	for _, p := range list.Earlier {
		v.Earlier = append(v.Earlier, newPaperRow(r, list, p, loc))
	}
	return v, nil
}

func newPaperRow(r *request, list papers.List, p papers.Paper, loc *time.Location) paperRow {
	row := paperRow{Paper: p, Title: p.Title, When: p.At.In(loc), IsGone: !p.Removed.IsZero()}
	if row.Title == "" {
		row.Title = r.T("Document %d", p.N)
	}
	row.What = strings.ToUpper(string(p.Kind)) + ", " + sizeWords(r, p.Size)
	row.May = list.Open && p.Case == list.Case.ID && p.Status != papers.Refused && papers.May(r.actor, list.Case, p)
	row.Opens = p.OpensTo(r.actor.Professional)
	switch {
	case row.IsGone:
		row.State = state{"off", r.T("retiré")}
	case p.Status == papers.Checking:
		row.State = state{"todo", r.T("attend l’antivirus")}
	case p.Status == papers.Clean:
		row.State = state{"ok", r.T("analysé")}
	case p.Status == papers.Refused:
		row.State = state{"bad", r.T("refusé par l’antivirus")}
	default:
		row.State = state{"off", r.T("non analysé")}
	}
	return row
}

// sizeWords is a size in words: 340 Kio, 1,2 Mio.
func sizeWords(r *request, n int64) string {
	if n < 1<<20 {
		return r.T("%d Kio", max(n>>10, 1))
	}
	mib := fmt.Sprintf("%.1f", float64(n)/(1<<20))
	if r.lang == lang.French {
		mib = strings.ReplaceAll(mib, ".", ",")
	}
	return r.T("%s Mio", mib)
}

// paperToast says what was just done.
func paperToast(r *request) *Toast {
	which := id.Paper(r.Query("paper"))
	switch r.Query("did") {
	case "add-paper":
		return &Toast{Text: lang.N(r.lang, max(number(r.Query("n")), 1), "%d document ajouté.", "%d documents ajoutés.")}
	case "remove-paper":
		if id.Valid(which) {
			return &Toast{Text: r.T("Document retiré."), Undo: "/papers/" + string(which) + "/restore"}
		}
	case "restore-paper":
		return &Toast{Text: r.T("Document remis.")}
	}
	return nil
}

// addPapers takes the files of a form, each by itself: one that is refused does
// not stop the others.
func (s *Server) addPapers(r *request) error {
	c, err := pathID[id.Case](r, "id")
	if err != nil {
		return err
	}
	if s.cfg.Papers == nil {
		return noSuchPage(r)
	}
	if _, err := s.cfg.Agenda.Case(r.ctx(), r.actor, c); err != nil { // before the files are read
		return err
	}
	end := s.now().Add(papersTake)
	_ = http.NewResponseController(r.Writer).SetReadDeadline(end)  // a test's recorder has none
	_ = http.NewResponseController(r.Writer).SetWriteDeadline(end) // nor this
	r.Request.Body = http.MaxBytesReader(r.Writer, r.Request.Body, maxPapers)
	in := sending{lang: r.lang, add: func(title string, file io.Reader) error {
		_, err := s.cfg.Papers.Add(r.ctx(), r.actor, c, title, file)
		return err
	}}
	if err := in.read(r.Request); err != nil {
		return err
	}
	if len(in.refused) > 0 {
		return s.showPrepared(r, http.StatusUnprocessableEntity, func(v *preparedView) { v.Papers.Refused, v.Papers.Kept = in.refused, in.kept })
	}
	return r.see(fmt.Sprintf("/cases/%s/preparation?did=add-paper&n=%d#documents", c, in.kept))
}

// sending is the files of one form, on their way.
type sending struct {
	add     func(title string, file io.Reader) error
	lang    string
	title   string // typed; for the first file
	kept    int
	refused []refusedFile
}

// read takes the form part by part. The error is one that no file is to blame for.
func (in *sending) read(req *http.Request) error {
	parts, err := req.MultipartReader()
	if err != nil {
		in.refuse(lang.Mark("Choisissez un PDF ou une image."))
		return nil
	}
	for {
		part, err := parts.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			if in.kept+len(in.refused) == 0 {
				in.refuse(lang.Mark("Choisissez un PDF ou une image."))
			}
			return nil
		case err != nil:
			in.broken(err)
			return nil
		}
		if err := in.take(part); err != nil {
			return err
		}
	}
}

func (in *sending) take(part *multipart.Part) error {
	switch {
	case part.FormName() == "title":
		raw, err := io.ReadAll(io.LimitReader(part, 4*papers.MaxTitle))
		in.title = papers.CleanTitle(string(raw))
		return err
	case part.FormName() != "file" || part.FileName() == "":
		return nil
	}
	name := path.Base(strings.ReplaceAll(part.FileName(), `\`, "/"))
	title := in.title
	if in.title = ""; title == "" {
		title = papers.TitleOf(name)
	}
	file := &body{r: part}
	err := in.add(title, file)
	switch {
	case file.err != nil:
		in.broken(file.err)
		return nil
	case fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict):
		in.refused = append(in.refused, refusedFile{Name: name, Why: faultText(in.lang, err)})
		return nil
	case err == nil:
		in.kept++
	}
	return err
}

func (in *sending) refuse(code string) {
	in.refused = append(in.refused, refusedFile{Why: lang.T(in.lang, code)})
}

// broken says that the sending ended before its end.
func (in *sending) broken(err error) {
	var limit *http.MaxBytesError
	if errors.As(err, &limit) {
		in.refuse(lang.Mark("Les fichiers dépassent ensemble 200 Mio. Envoyez les autres à part."))
		return
	}
	in.refuse(lang.Mark("L’envoi s’est interrompu. Envoyez les autres de nouveau."))
}

// body keeps the error that reading ended with.
type body struct {
	r   io.Reader
	err error
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		b.err = err
	}
	return n, err
}

func (s *Server) removePaper(r *request) error {
	return s.movePaper(r, "remove", func() (papers.Paper, error) { return s.cfg.Papers.Remove(r.ctx(), r.actor, id.Paper(r.Param("id"))) })
}

func (s *Server) restorePaper(r *request) error {
	return s.movePaper(r, "restore", func() (papers.Paper, error) { return s.cfg.Papers.Restore(r.ctx(), r.actor, id.Paper(r.Param("id"))) })
}

func (s *Server) movePaper(r *request, did string, move func() (papers.Paper, error)) error {
	if _, err := pathID[id.Paper](r, "id"); err != nil {
		return err
	}
	if s.cfg.Papers == nil {
		return noSuchPage(r)
	}
	p, err := move()
	if err != nil {
		return err
	}
	return r.see(fmt.Sprintf("/cases/%s/preparation?did=%s-paper&paper=%s#documents", p.Case, did, p.ID))
}

// paperPolicy lets a document show itself and do nothing: no script, no form, no
// request, no access to what we serve (CSP3, section 6.3.2, sandbox).
const paperPolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

// paper sends a document.
func (s *Server) paper(r *request) error {
	which, err := pathID[id.Paper](r, "id")
	if err != nil {
		return err
	}
	if s.cfg.Papers == nil {
		return noSuchPage(r)
	}
	p, b, err := s.cfg.Papers.Open(r.ctx(), r.actor, which)
	if err != nil {
		return err
	}
	how := "inline"
	if r.Query("download") != "" {
		how = "attachment"
	}
	r.Header("Content-Security-Policy", paperPolicy)
	r.Header("Cross-Origin-Resource-Policy", "same-origin")
	r.Header("Content-Disposition", how+`; filename="`+p.Name()+`"`)
	r.Data(http.StatusOK, p.Kind.Type(), b)
	return nil
}
