package dav

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/meetings/ical"
)

const (
	calendarType = "text/calendar; charset=utf-8"
	refresh      = 4 * time.Hour // wished of those who poll; many take 8 to 24
	homeZone     = "Europe/Paris"
)

// feed answers the programs that subscribed.
func (d *DAV) feed(c *gin.Context) {
	secret, ok := strings.CutSuffix(c.Param("file"), ".ics")
	if !ok {
		gone(c)
		return
	}
	a, err := d.cfg.Auth.Subscriber(c.Request.Context(), secret, c.ClientIP())
	if stranger(err) {
		gone(c)
		return
	}
	if err != nil {
		d.fail(c, err)
		return
	}
	c.Set(actorKey, a.Professional)
	all, err := d.cfg.Meetings.Own(c.Request.Context(), a)
	if err != nil {
		d.fail(c, err)
		return
	}
	f := ical.Feed{Name: lang.T(lang.Known(a.Lang), "Mes réunions"), Zone: homeZone, Refresh: refresh}
	var changed time.Time
	for _, o := range all {
		f.Events = append(f.Events, d.event(o))
		changed = later(changed, o.Updated)
	}
	raw, err := ical.EncodeFeed(f)
	if err != nil {
		d.fail(c, err)
		return
	}
	c.Header("Content-Disposition", `inline; filename="agenda.ics"`)
	serve(c, raw, changed)
}

// gone is the one answer to an address that opens nothing, or no longer.
func gone(c *gin.Context) {
	c.Data(http.StatusNotFound, plain, []byte("Cet agenda n’existe pas, ou n’existe plus.\n"))
}

// event is a meeting with the address of its page.
func (d *DAV) event(o meetings.Own) ical.Event {
	return o.Event(d.cfg.From, d.cfg.BaseURL+"/meetings/"+string(o.ID))
}

// serve sends an object or 304. Only the ETag decides: what a calendar holds
// also changes with time, which Last-Modified does not tell.
func serve(c *gin.Context, raw []byte, changed time.Time) {
	c.Header("Content-Type", calendarType)
	c.Header("Cache-Control", "private, no-cache")
	c.Header("ETag", `"`+etag(raw)+`"`)
	if !changed.IsZero() {
		c.Header("Last-Modified", changed.UTC().Format(http.TimeFormat))
	}
	http.ServeContent(c.Writer, c.Request, "", time.Time{}, bytes.NewReader(raw))
}

// etag names a content, without quotes.
func etag(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:16])
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
