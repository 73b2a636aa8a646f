package dav

import (
	"bytes"
	"net/http"
	"path"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/emersion/go-webdav/caldav"
	"github.com/gin-gonic/gin"
)

const xmlType = "application/xml; charset=utf-8"

// serve answers everything under root: who asks first, then what.
func (d *DAV) serve(c *gin.Context) {
	defer d.recover(c)
	c.Header("DAV", "1, 3, calendar-access") // RFC 4918 section 10.1, RFC 4791 section 5.1
	c.Header("Allow", strings.Join(reading, ", "))
	v, ok := d.enter(c)
	if !ok {
		return
	}
	switch method := c.Request.Method; {
	case slices.Contains(writing, method):
		refuse(c, http.StatusForbidden, "need-privileges") // RFC 3744 section 7.1.1
	case method == http.MethodOptions:
		c.Status(http.StatusOK)
	case method == propfind || method == report:
		d.ask(c, v)
	default:
		d.object(c, v)
	}
}

// recover keeps a panic from ending the connection. Nothing was sent yet:
// answers are gathered first.
func (d *DAV) recover(c *gin.Context) {
	if v := recover(); v != nil {
		d.cfg.Log.Error("panic", "route", c.FullPath(), "stack", string(debug.Stack()))
		c.Data(http.StatusInternalServerError, plain, nil)
	}
}

// enter checks login and secret (RFC 7617) and what place is meant.
func (d *DAV) enter(c *gin.Context) (*visit, bool) {
	email, secret, ok := c.Request.BasicAuth()
	if !ok {
		unknown(c)
		return nil, false
	}
	a, err := d.cfg.Auth.CalendarLogin(c.Request.Context(), email, secret, c.ClientIP())
	if stranger(err) {
		unknown(c)
		return nil, false
	}
	if err != nil {
		d.fail(c, err)
		return nil, false
	}
	c.Set(actorKey, a.Professional)
	v := &visit{dav: d, actor: a}
	if v.place, ok = v.locate(c.Request.URL.Path); !ok {
		refuse(c, http.StatusNotFound, "")
	}
	return v, ok
}

func unknown(c *gin.Context) {
	c.Header("WWW-Authenticate", `Basic realm="RCP", charset="UTF-8"`)
	c.Data(http.StatusUnauthorized, plain, nil)
}

// refuse answers with the precondition that failed, if it has a name (RFC 4918
// section 16).
func refuse(c *gin.Context, status int, precondition string) {
	inside := ""
	if precondition != "" {
		inside = "<" + precondition + "/>"
	}
	c.Data(status, xmlType, []byte(`<?xml version="1.0" encoding="utf-8"?>`+"\n"+`<error xmlns="DAV:">`+inside+"</error>\n"))
}

// object answers GET and HEAD of one meeting or task. A collection has no
// representation.
func (d *DAV) object(c *gin.Context, v *visit) {
	if v.place.object == "" {
		refuse(c, http.StatusMethodNotAllowed, "")
		return
	}
	o, ok, err := v.find(c.Request.Context(), v.place.path)
	switch {
	case err != nil:
		d.fail(c, err)
	case !ok:
		refuse(c, http.StatusNotFound, "")
	default:
		serve(c, o.raw, o.changed)
	}
}

// ask hands PROPFIND and REPORT to the library, once what was sent is known to
// be small, shallow and one of those it can answer.
func (d *DAV) ask(c *gin.Context, v *visit) {
	body, no := inspect(c)
	if no != nil {
		refuse(c, no.status, no.precondition)
		return
	}
	r := c.Request.Clone(c.Request.Context())
	r.URL.Path, r.URL.RawPath = v.place.path, ""
	r.Body, r.ContentLength = body, body.Size()
	r.Header.Set("Content-Type", "application/xml") // known to be: some programs say otherwise
	out := &answer{header: http.Header{}}
	h := caldav.Handler{Backend: v, Prefix: strings.TrimSuffix(root, "/")}
	h.ServeHTTP(out, r)
	switch {
	case v.err != nil:
		d.fail(c, v.err)
	case out.status >= http.StatusInternalServerError: // not ours: a question it cannot read
		refuse(c, http.StatusBadRequest, "")
	case out.status >= http.StatusBadRequest:
		refuse(c, out.status, "")
	default:
		c.Data(out.status, xmlType, readOnly(out.body.Bytes()))
	}
}

// readOnly takes back the right to write that go-webdav 0.7.0 grants on every
// calendar (current-user-privilege-set, RFC 3744 section 5.5). Texts cannot hold
// this: their "<" is escaped.
func readOnly(multistatus []byte) []byte {
	return bytes.ReplaceAll(multistatus, []byte(`<write xmlns="DAV:"></write>`), nil)
}

// answer gathers what the library writes.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *answer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(p)
}

// place is a resource of somebody's account, in its canonical form.
type place struct {
	path   string
	object string // the file's name; empty: a collection
}

// locate finds what a path means:
//
//	/dav/                            the way in
//	/dav/<person>/                   the principal
//	/dav/<person>/calendars/         the home of the calendars
//	/dav/<person>/calendars/<name>/  one calendar
//
// and its objects below. Other people's are not there.
func (v *visit) locate(asked string) (place, bool) {
	p := path.Clean(asked)
	for _, collection := range append([]string{root, v.principal(), v.home()}, v.calendarPaths()...) {
		if p+"/" == collection {
			return place{path: collection}, true
		}
	}
	dir, file := path.Split(p)
	if !slices.Contains(v.calendarPaths(), dir) || strings.HasSuffix(asked, "/") {
		return place{}, false
	}
	return place{path: p, object: file}, true
}
