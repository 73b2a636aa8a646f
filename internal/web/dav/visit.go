package dav

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"path"
	"slices"
	"time"

	goical "github.com/emersion/go-ical"
	"github.com/emersion/go-webdav"
	"github.com/emersion/go-webdav/caldav"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/meetings/ical"
)

// visit is one request of one person. It implements caldav.Backend: each thing
// is read once, and what goes wrong inside is kept in err instead of being told.
type visit struct {
	dav    *DAV
	actor  auth.Actor
	place  place
	loaded map[string][]object // by the calendar's path
	err    error
}

var _ caldav.Backend = (*visit)(nil)

// object is a meeting or a task as it is served.
type object struct {
	path    string
	raw     []byte
	changed time.Time
}

// The names of the two calendars in addresses.
const (
	meetingsName = "meetings"
	tasksName    = "tasks"
)

func (v *visit) principal() string { return root + string(v.actor.Professional) + "/" }
func (v *visit) home() string      { return v.principal() + "calendars/" }

func (v *visit) calendarPaths() []string {
	return []string{v.home() + meetingsName + "/", v.home() + tasksName + "/"}
}

// objects reads a calendar, once a request.
func (v *visit) objects(ctx context.Context, calendar string) ([]object, error) {
	if all, ok := v.loaded[calendar]; ok {
		return all, nil
	}
	load := v.meetings
	if path.Base(calendar) == tasksName {
		load = v.tasks
	}
	all, err := load(ctx, calendar)
	if err != nil {
		return nil, err
	}
	if v.loaded == nil {
		v.loaded = map[string][]object{}
	}
	v.loaded[calendar] = all
	return all, nil
}

func (v *visit) meetings(ctx context.Context, calendar string) ([]object, error) {
	all, err := v.dav.cfg.Meetings.Own(ctx, v.actor)
	if err != nil {
		return nil, err
	}
	out := make([]object, len(all))
	for i, o := range all {
		raw, err := ical.EncodeObject(v.dav.event(o))
		if err != nil {
			return nil, err
		}
		out[i] = object{calendar + string(o.ID) + ".ics", raw, o.Updated}
	}
	return out, nil
}

func (v *visit) tasks(ctx context.Context, calendar string) ([]object, error) {
	all, err := v.dav.cfg.Tasks.Tasks(ctx, v.actor)
	if err != nil {
		return nil, err
	}
	out := make([]object, len(all))
	for i, t := range all {
		raw, err := ical.EncodeTodo(v.todo(t))
		if err != nil {
			return nil, err
		}
		out[i] = object{calendar + string(t.ID) + ".ics", raw, t.Updated}
	}
	return out, nil
}

// todo is a task in words that tell nothing of a patient: whose it is stands on
// the page that its address leads to, behind the sign-in.
func (v *visit) todo(t careplan.Task) ical.Todo {
	todo := ical.Todo{
		UID: string(t.ID) + "@rcp", Stamp: t.Updated, Created: t.Created, Due: t.Due, Summary: v.say("Action à mener"),
		Description: v.say("Aucune donnée de santé ne figure dans cette liste."), URL: v.dav.cfg.BaseURL + "/",
	}
	if t.Team != "" {
		todo.Summary += " – " + t.Team
	}
	if t.Status == careplan.ActionInProgress {
		todo.Status = ical.TodoInProcess
	}
	return todo
}

func (v *visit) say(french string) string { return lang.T(lang.Known(v.actor.Lang), french) }

// find reads one object by its path.
func (v *visit) find(ctx context.Context, p string) (object, bool, error) {
	dir, _ := path.Split(p)
	if !slices.Contains(v.calendarPaths(), dir) {
		return object{}, false, nil
	}
	all, err := v.objects(ctx, dir)
	if err != nil {
		return object{}, false, err
	}
	i := slices.IndexFunc(all, func(o object) bool { return o.path == p })
	if i < 0 {
		return object{}, false, nil
	}
	return all[i], true, nil
}

// What the library is told of a failure: nothing but its kind.
var (
	errMissing  = webdav.NewHTTPError(http.StatusNotFound, errors.New("not found"))
	errInside   = webdav.NewHTTPError(http.StatusInternalServerError, errors.New("failed"))
	errOdd      = webdav.NewHTTPError(http.StatusBadRequest, errors.New("odd filter"))
	errReadOnly = webdav.NewHTTPError(http.StatusForbidden, errors.New("read only"))
)

// inside keeps an error for the log.
func (v *visit) inside(err error) error {
	v.err = errors.Join(v.err, err)
	return errInside
}

// CurrentUserPrincipal implements caldav.Backend.
func (v *visit) CurrentUserPrincipal(context.Context) (string, error) { return v.principal(), nil }

// CalendarHomeSetPath implements caldav.Backend.
func (v *visit) CalendarHomeSetPath(context.Context) (string, error) { return v.home(), nil }

// ListCalendars implements caldav.Backend.
func (v *visit) ListCalendars(context.Context) ([]caldav.Calendar, error) {
	paths := v.calendarPaths()
	return []caldav.Calendar{
		{Path: paths[0], Name: v.say("Réunions"), SupportedComponentSet: []string{goical.CompEvent}},
		{Path: paths[1], Name: v.say("Mes actions"), SupportedComponentSet: []string{goical.CompToDo}},
	}, nil
}

// GetCalendar implements caldav.Backend.
func (v *visit) GetCalendar(ctx context.Context, p string) (*caldav.Calendar, error) {
	all, _ := v.ListCalendars(ctx)
	for i := range all {
		if all[i].Path == p {
			return &all[i], nil
		}
	}
	return nil, errMissing
}

// GetCalendarObject implements caldav.Backend.
func (v *visit) GetCalendarObject(ctx context.Context, p string, _ *caldav.CalendarCompRequest) (*caldav.CalendarObject, error) {
	o, ok, err := v.find(ctx, p)
	if err != nil {
		return nil, v.inside(err)
	}
	if !ok {
		return nil, errMissing
	}
	return v.tree(o)
}

// ListCalendarObjects implements caldav.Backend.
func (v *visit) ListCalendarObjects(ctx context.Context, p string, _ *caldav.CalendarCompRequest) ([]caldav.CalendarObject, error) {
	if !slices.Contains(v.calendarPaths(), p) {
		return nil, errMissing
	}
	all, err := v.objects(ctx, p)
	if err != nil {
		return nil, v.inside(err)
	}
	out := make([]caldav.CalendarObject, len(all))
	for i, o := range all {
		one, err := v.tree(o)
		if err != nil {
			return nil, err
		}
		out[i] = *one
	}
	return out, nil
}

// QueryCalendarObjects implements caldav.Backend.
func (v *visit) QueryCalendarObjects(ctx context.Context, p string, q *caldav.CalendarQuery) ([]caldav.CalendarObject, error) {
	all, err := v.ListCalendarObjects(ctx, p, nil)
	if err != nil {
		return nil, err
	}
	wanted := *q
	wanted.CompFilter = timeless(q.CompFilter)
	out, err := caldav.Filter(&wanted, all)
	if err != nil { // our objects are sound: what is asked of them is not
		return nil, errOdd
	}
	return out, nil
}

// timeless takes the time ranges off a filter but those on events: the library
// finds no task in any range, and ours are all open.
func timeless(f caldav.CompFilter) caldav.CompFilter {
	if f.Name != goical.CompEvent {
		f.Start, f.End = time.Time{}, time.Time{}
	}
	f.Comps = slices.Clone(f.Comps)
	for i := range f.Comps {
		f.Comps[i] = timeless(f.Comps[i])
	}
	return f
}

// tree is an object as the library wants it.
func (v *visit) tree(o object) (*caldav.CalendarObject, error) {
	data, err := goical.NewDecoder(bytes.NewReader(o.raw)).Decode()
	if err != nil {
		return nil, v.inside(err)
	}
	return &caldav.CalendarObject{
		Path: o.path, ModTime: o.changed, ContentLength: int64(len(o.raw)), ETag: etag(o.raw), Data: data,
	}, nil
}

// CreateCalendar, PutCalendarObject and DeleteCalendarObject implement
// caldav.Backend. No request comes that far.
func (*visit) CreateCalendar(context.Context, *caldav.Calendar) error { return errReadOnly }

// PutCalendarObject implements caldav.Backend.
func (*visit) PutCalendarObject(context.Context, string, *goical.Calendar, *caldav.PutCalendarObjectOptions) (*caldav.CalendarObject, error) {
	return nil, errReadOnly
}

// DeleteCalendarObject implements caldav.Backend.
func (*visit) DeleteCalendarObject(context.Context, string) error { return errReadOnly }
