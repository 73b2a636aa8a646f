package web

import (
	"bytes"
	"errors"
	"io"
	"net/http"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/notify/mailbox"
)

// uploadMail takes an .eml file and says beside the field what came of it.
// The same file again changes nothing, so that the page may be reloaded.
func (s *Server) uploadMail(r *request) error {
	if s.cfg.Inbox == nil {
		return noSuchPage(r)
	}
	if !holds(r.actor, auth.Secretary) {
		return s.cfg.Auth.Refuse(r.ctx(), r.actor, "page", r.Request.Method+" "+r.FullPath())
	}
	begun := s.now()
	r.Request.Body = http.MaxBytesReader(r.Writer, r.Request.Body, mailbox.MaxSize+64<<10)
	raw, err := readMail(r.Request)
	v := &inboxView{}
	if f, ok := refusedMail(r, err); ok {
		v.Form = f
		return s.showInbox(r, http.StatusUnprocessableEntity, v)
	}
	mail, err := s.cfg.Inbox.Upload(r.ctx(), r.actor, raw)
	if f, ok := refusedMail(r, err); ok {
		v.Form = f
		return s.showInbox(r, http.StatusUnprocessableEntity, v)
	}
	if err == nil {
		mail, err = s.cfg.Inbox.Read(r.ctx(), r.actor, mail.ID) // with the names that belong to it
	}
	if err != nil {
		return err
	}
	row := newMailRow(r, mail)
	v.Got, v.GotBefore = &row, mail.At.Before(begun)
	return s.showInbox(r, http.StatusOK, v)
}

// refusedMail keeps the fault beside the field, without reading the body again.
func refusedMail(r *request, err error) (Form, bool) {
	if !fault.Is(err, fault.Invalid) {
		return Form{}, false
	}
	f := Form{Fault: faultText(r.lang, err), Errors: map[string]string{}}
	for _, field := range fault.Fields(err) {
		f.Errors["mail"] = lang.T(r.lang, field.Code, field.Args...)
	}
	if f.Errors["mail"] == "" {
		f.Errors["mail"] = f.Fault
	}
	return f, true
}

// readMail reads the one file of the form.
func readMail(req *http.Request) ([]byte, error) {
	parts, err := req.MultipartReader()
	if err != nil {
		return nil, wrongMail(lang.Mark("Choisissez le fichier .eml d’un courriel."))
	}
	for {
		part, err := parts.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return nil, wrongMail(lang.Mark("Choisissez le fichier .eml d’un courriel."))
		case err != nil:
			return nil, brokenMail(err)
		case part.FormName() != "mail" || part.FileName() == "":
			continue
		}
		var raw bytes.Buffer
		n, err := io.Copy(&raw, io.LimitReader(part, mailbox.MaxSize+1))
		switch {
		case err != nil:
			return nil, brokenMail(err)
		case n > mailbox.MaxSize:
			return nil, wrongMail(lang.Mark("Ce courriel dépasse 8 Mio. Retirez ses pièces jointes, ou notez la réponse sur la page de la réunion."))
		case len(bytes.TrimSpace(raw.Bytes())) == 0:
			return nil, wrongMail(lang.Mark("Ce fichier est vide. Choisissez le fichier .eml d’un courriel."))
		}
		return raw.Bytes(), nil
	}
}

func brokenMail(err error) error {
	var limit *http.MaxBytesError
	if errors.As(err, &limit) {
		return wrongMail(lang.Mark("Ce courriel dépasse 8 Mio. Retirez ses pièces jointes, ou notez la réponse sur la page de la réunion."))
	}
	return wrongMail(lang.Mark("L’envoi s’est interrompu. Recommencez."))
}

func wrongMail(code string) error {
	return &fault.Error{
		Kind: fault.Invalid, Op: "web.readMail", Code: lang.Mark("Certains champs sont à corriger."),
		Fields: []fault.Field{{Name: "mail", Code: code}},
	}
}
