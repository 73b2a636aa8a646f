package web

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/rcp-care/rcp/internal/auth"
)

// permission says who may call a route at all. Whether they may touch this
// meeting or that patient is decided by the service that the handler calls.
type permission int

const (
	public   permission = iota // anybody
	signedIn                   // a session
	preparer                   // secretary or chair of at least one team, or administrator
	admin                      // administrator
)

// allows reports whether an actor with a session may call the route.
func (p permission) allows(a auth.Actor) bool {
	switch p {
	case admin:
		return a.Admin
	case preparer:
		return a.Admin || holds(a, auth.Secretary, auth.Chair)
	default:
		return true
	}
}

// holds reports whether the actor has one of the roles in any team.
func holds(a auth.Actor, roles ...auth.Role) bool {
	for team := range a.Teams {
		if a.In(team, roles...) {
			return true
		}
	}
	return false
}

// handler answers one request. What it returns is rendered by the adapter.
type handler func(*request) error

// route is a line of the list below.
type route struct {
	method string
	path   string
	may    permission
	do     handler
}

const (
	get  = http.MethodGet
	post = http.MethodPost
)

// routes is every page and form of RCP.
func (s *Server) routes() []route {
	return append(s.stepRoutes(), []route{
		{get, "/sign-in", public, s.signInPage},
		{post, "/sign-in", public, s.signIn},
		{post, "/sign-out", signedIn, s.signOut},
		{post, "/language", public, s.setLanguage},
		{get, "/r/:token", public, s.answerLinkPage},
		{post, "/r/:token", public, s.answerByLink},
		{get, "/d/:token", public, s.doorPage},
		{post, "/d/:token", public, s.askByLink},
		{get, "/t/:token", public, s.trackPage},

		{get, "/", signedIn, s.week},
		{get, "/meetings", signedIn, s.meetingsPage},
		{post, "/meetings", preparer, s.createMeeting},
		{get, "/meetings/:id", signedIn, s.agendaPage},
		{get, "/meetings/:id/agenda.pdf", signedIn, s.agendaPDF},
		{post, "/meetings/:id/draft", signedIn, s.draftAgenda},
		{post, "/meetings/:id/order", signedIn, s.orderAgenda},
		{post, "/meetings/:id/shift", signedIn, s.shiftCase},
		{post, "/meetings/:id/undo", signedIn, s.undoEdit},
		{post, "/meetings/:id/find", signedIn, s.findPatient},
		{post, "/meetings/:id/add", signedIn, s.addPatient},
		{get, "/meetings/:id/attendance", signedIn, s.attendancePage},
		{post, "/meetings/:id/attendance", signedIn, s.setAttendance},
		{post, "/meetings/:id/answer", signedIn, s.answerInvite},
		{post, "/meetings/:id/guests", signedIn, s.inviteGuest},
		{post, "/meetings/:id/guests/remove", signedIn, s.uninviteGuest},
		{post, "/cases/:id/place", signedIn, s.placeCase},
		{post, "/cases/:id/papers", signedIn, s.addPapers},
		{get, "/papers/:id", signedIn, s.paper},
		{post, "/papers/:id/remove", signedIn, s.removePaper},
		{post, "/papers/:id/restore", signedIn, s.restorePaper},
		{post, "/cases/:id/pin", signedIn, s.pinCase},
		{post, "/cases/:id/minutes", signedIn, s.caseMinutes},
		{post, "/cases/:id/withdraw", signedIn, s.withdrawCase},
		{post, "/cases/:id/restore", signedIn, s.restoreCase},
		{get, "/cases/:id/defer", signedIn, s.deferPage},
		{post, "/cases/:id/defer", signedIn, s.deferCase},
		{post, "/cases/:id/undefer", signedIn, s.undeferCase},
		{get, "/meetings/:id/preparation", signedIn, s.preparationPage},
		{post, "/meetings/:id/preparation", signedIn, s.askEveryone},
		{get, "/cases/:id/preparation", signedIn, s.preparedPage},
		{post, "/cases/:id/check", signedIn, s.checkLine},
		{post, "/cases/:id/ask", signedIn, s.askContribution},
		{post, "/cases/:id/contribution", signedIn, s.contribute},
		{post, "/cases/:id/summary", signedIn, s.summarise},
		{get, "/cases/:id/register", signedIn, s.registerPage},
		{post, "/cases/:id/register", signedIn, s.registerCase},
		{post, "/cases/:id/pull-back", signedIn, s.pullBackCase},
		{post, "/cases/:id/unpull", signedIn, s.unpullCase},
		{post, "/meetings/:id/standard", signedIn, s.readOut},
		{get, "/requests", signedIn, s.requestsPage},
		{get, "/requests/new", signedIn, s.askPage},
		{post, "/requests/find", signedIn, s.findForRequest},
		{post, "/requests", signedIn, s.ask},
		{get, "/requests/:id", signedIn, s.requestPage},
		{get, "/requests/:id/match", preparer, s.matchPage},
		{post, "/requests/:id/match", preparer, s.matchRequest},
		{post, "/requests/:id/find", preparer, s.findForMatch},
		{post, "/requests/:id/refuse", preparer, s.refuseRequest},
		{post, "/requests/:id/withdraw", signedIn, s.withdrawRequest},
		{get, "/meetings/:id/room", signedIn, s.roomPage},
		{get, "/meetings/:id/room/:case", signedIn, s.roomPage},
		{post, "/meetings/:id/room/:case", signedIn, s.saveDecision},
		{post, "/meetings/:id/presence", signedIn, s.roomPresence},
		{post, "/meetings/:id/find-now", signedIn, s.roomFind},
		{post, "/meetings/:id/add-now", signedIn, s.addInRoom},
		{get, "/meetings/:id/events", signedIn, s.liveEvents},
		{post, "/meetings/:id/room/:case/fields", signedIn, s.saveFields},
		{get, "/meetings/:id/room/:case/sheet", signedIn, s.sheetPart},
		{get, "/meetings/:id/projector", signedIn, s.projector},
		{post, "/meetings/:id/room/:case/begin", signedIn, s.beginCase},
		{post, "/meetings/:id/room/:case/defer", signedIn, s.deferInRoom},
		{post, "/meetings/:id/room/:case/undefer", signedIn, s.takeBack},
		{get, "/actions", signedIn, s.actions},
		{post, "/actions/:id", signedIn, s.setOwnAction},
		{post, "/told/:id", signedIn, s.setTold},
		{get, "/teams/:id/actions", preparer, s.teamActions},
		{post, "/teams/:id/remind", preparer, s.remind},
		{get, "/meetings/:id/feedback", signedIn, s.feedbackPage},
		{post, "/meetings/:id/feedback", signedIn, s.giveFeedback},
		{post, "/account/digest", signedIn, s.setDigest},
		{get, "/meetings/:id/minutes", signedIn, s.minutesPage},
		{get, "/meetings/:id/minutes.pdf", signedIn, s.minutesPDF},
		{get, "/meetings/:id/minutes/sign", signedIn, s.signPage},
		{post, "/meetings/:id/minutes/sign", signedIn, s.signMinutes},
		{get, "/meetings/:id/minutes/amend", signedIn, s.amendPage},
		{post, "/meetings/:id/minutes/amend", signedIn, s.amendMinutes},

		{get, "/patients", signedIn, s.patients},
		{post, "/patients", signedIn, s.findPatients},
		{get, "/patients/:id", signedIn, s.patient},
		{post, "/patients/:id/sharing", signedIn, s.setSharing},
		{post, "/patients/:id/events", signedIn, s.addEvent},
		{post, "/patients/:id/actions/:action", signedIn, s.setAction},
		{get, "/patients/:id/plan", preparer, s.choosePlan},
		{get, "/patients/:id/plan/:protocol", preparer, s.planPage},
		{post, "/patients/:id/plan/:protocol", preparer, s.makePlan},
		{post, "/patients/:id/plans/:plan/assign", preparer, s.assignPlan},
		{post, "/patients/:id/plans/:plan/activate", preparer, s.activatePlan},
		{get, "/archive", signedIn, s.archive},
		{post, "/archive", signedIn, s.searchArchive},
		{get, "/archive/exports", preparer, s.exports},
		{post, "/archive/exports", preparer, s.askExport},
		{get, "/archive/exports/:id/zip", preparer, s.takeExport},
		{get, "/archive/retention", admin, s.retentionPage},
		{post, "/archive/retention/classes", admin, s.saveRetentionClass},
		{post, "/archive/retention/teams", admin, s.setRetentionTeam},
		{post, "/archive/retention/holds", admin, s.putHold},
		{post, "/archive/retention/holds/:id/lift", admin, s.liftHold},
		{get, "/import", preparer, s.importPage},
		{post, "/import", preparer, s.upload},
		{get, "/teams", signedIn, s.teams},
		{get, "/teams/new", admin, s.newTeam},
		{post, "/teams", admin, s.createTeam},
		{get, "/teams/:id", signedIn, s.team},
		{post, "/teams/:id", preparer, s.changeTeam},
		{post, "/teams/:id/members", preparer, s.changeMembers},
		{post, "/teams/:id/members/add", preparer, s.addMember},
		{post, "/teams/:id/fictional", preparer, s.makeFictional},
		{get, "/teams/:id/series", preparer, s.newSeries},
		{get, "/teams/:id/series/new", preparer, s.newSeries},
		{post, "/teams/:id/series", preparer, s.saveSeries},
		{get, "/teams/:id/series/:series", preparer, s.editSeries},
		{post, "/teams/:id/series/:series", preparer, s.saveSeries},
		{get, "/teams/:id/series/:series/stop", preparer, s.stopPage},
		{post, "/teams/:id/series/:series/stop", preparer, s.stopSeries},
		{get, "/teams/:id/series/:series/date", preparer, s.newDate},
		{post, "/teams/:id/series/:series/date", preparer, s.addDate},
		{get, "/teams/:id/rules", preparer, s.rulesPage},
		{post, "/teams/:id/rules", preparer, s.saveRules},
		{get, "/teams/:id/links", preparer, s.linksPage},
		{post, "/teams/:id/links", preparer, s.addLink},
		{post, "/teams/:id/links/:link/revoke", preparer, s.revokeLink},
		{get, "/teams/:id/letterhead", preparer, s.letterheadPage},
		{post, "/teams/:id/letterhead", preparer, s.saveLetterhead},
		{post, "/teams/:id/letterhead/logo", preparer, s.setLogo},
		{post, "/teams/:id/letterhead/use", preparer, s.useLogo},
		{get, "/teams/:id/logo", signedIn, s.logo},
		{get, "/teams/:id/closures", signedIn, s.closuresPage},
		{post, "/teams/:id/closures", preparer, s.changeClosures},
		{get, "/teams/:id/references", signedIn, s.referencesPage},
		{post, "/teams/:id/references", preparer, s.addReference},
		{post, "/references/:id/retire", preparer, s.retireReference},
		{get, "/teams/:id/sample", signedIn, s.samplePage},
		{post, "/teams/:id/sample/share", preparer, s.setShare},
		{post, "/teams/:id/sample/judge", preparer, s.judgeSample},
		{get, "/teams/:id/protocols", signedIn, s.protocols},
		{post, "/teams/:id/protocols", preparer, s.saveProtocol},
		{post, "/teams/:id/protocols/adopt", preparer, s.adoptProtocol},
		{get, "/teams/:id/protocols/new", preparer, s.newProtocol},
		{get, "/teams/:id/protocols/shipped/:key", signedIn, s.shippedProtocol},
		{get, "/teams/:id/protocols/:protocol", signedIn, s.protocol},
		{get, "/teams/:id/protocols/:protocol/edit", preparer, s.editProtocol},
		{post, "/teams/:id/protocols/:protocol", preparer, s.saveProtocol},
		{post, "/teams/:id/protocols/:protocol/archive", preparer, s.archiveProtocol},
		{get, "/closures", admin, s.closuresPage},
		{post, "/closures", admin, s.changeClosures},
		{get, "/outbox", preparer, s.outbox},
		{post, "/outbox/:id/retry", preparer, s.retryMessage},
		{post, "/outbox/:id/cancel", preparer, s.cancelMessage},
		{get, "/inbox", preparer, s.inbox},
		{post, "/inbox", preparer, s.uploadMail},
		{get, "/inbox/:id", preparer, s.inboxMail},
		{get, "/inbox/:id/mail.eml", preparer, s.rawMail},
		{post, "/inbox/:id/assign", preparer, s.assignMail},
		{post, "/inbox/:id/dismiss", preparer, s.dismissMail},
		{post, "/proposals/:proposal/accept", preparer, s.acceptProposal},
		{post, "/proposals/:proposal/refuse", preparer, s.refuseProposal},
		{get, "/audit", preparer, s.journal},
		{post, "/audit/verify", preparer, s.verifyJournal},
		{get, "/account", signedIn, s.account},
		{post, "/account/password", signedIn, s.changePassword},
		{post, "/account/links/revoke", signedIn, s.revokeOwnLinks},
		{post, "/account/token", signedIn, s.createToken},
		{post, "/account/token/revoke", signedIn, s.revokeToken},
		{post, "/account/calendar", signedIn, s.createCalendar},
		{post, "/account/calendar/revoke", signedIn, s.revokeCalendar},
		{get, "/people", admin, s.people},
		{get, "/people/new", admin, s.newPerson},
		{post, "/people", admin, s.addPerson},
		{get, "/people/:id", admin, s.person},
		{post, "/people/:id", admin, s.changePerson},
		{post, "/people/:id/access", admin, s.giveAccess},
		{post, "/people/:id/password", admin, s.resetPassword},
		{post, "/people/:id/links/revoke", preparer, s.revokeLinks},
		{post, "/people/:id/disable", admin, s.disableAccount},
		{post, "/people/:id/enable", admin, s.enableAccount},
		{post, "/people/:id/admin", admin, s.makeAdmin},
		{post, "/people/:id/unadmin", admin, s.unmakeAdmin},
	}...)
}

// mount puts the routes, the static files and the middleware on the engine.
func (s *Server) mount(engine *gin.Engine) {
	if s.cfg.Count != nil {
		engine.Use(s.cfg.Count)
	}
	engine.Use(s.observe, s.headers, s.sameOrigin)
	engine.GET("/static/:hash/*path", s.static)
	engine.GET("/favicon.ico", func(c *gin.Context) { c.Redirect(http.StatusMovedPermanently, s.assets.url("favicon.svg")) })
	for _, r := range s.routes() {
		engine.Handle(r.method, r.path, s.adapt(r))
	}
	noPage := s.adapt(route{may: public, do: noSuchPage})
	missing := func(c *gin.Context) {
		if s.cfg.Missing == nil || !s.cfg.Missing(c) {
			noPage(c)
		}
	}
	engine.NoRoute(missing)
	engine.NoMethod(missing)
}
