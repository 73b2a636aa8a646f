package web

import (
	"bytes"
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store/storetest"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/notify/inbox"
	"github.com/rcp-care/rcp/notify/mailbox"
)

// reply is a mail that a calendar program sends back about the meeting of the
// harness; change is applied to its text.
func (h *harness) reply(t *testing.T, who, method, partstat string, change ...string) string {
	t.Helper()
	full, err := h.Meetings.Get(t.Context(), h.Secretary, h.meeting.Meeting.ID)
	if err != nil {
		t.Fatal(err)
	}
	m := full.Meeting
	utc := func(s string) string { return strings.NewReplacer("-", "", ":", "").Replace(s) }
	uid := m.UID
	recurrence := ""
	if m.Linked() {
		uid = h.Series.UID()
		recurrence = "RECURRENCE-ID:" + utc(m.Original.UTC().Format("2006-01-02T15:04:05Z")) + "\r\n"
	}
	mail := "From: " + who + "\r\nTo: reunions@valbrume.example\r\nSubject: Re: Synthese\r\nMessage-ID: <" + id.New[string]() + "@clinique.example>\r\n" +
		"Authentication-Results: mx.valbrume.example; dmarc=pass header.from=" + who[strings.Index(who, "@")+1:] + "\r\n" +
		"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\nBonjour, voici ma reponse.\r\n" +
		"--b\r\nContent-Type: text/calendar; charset=UTF-8; method=" + method + "\r\n\r\n" +
		"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//FR\r\nMETHOD:" + method + "\r\nBEGIN:VEVENT\r\nUID:" + uid + "\r\n" + recurrence +
		"DTSTAMP:20261124T100000Z\r\nSEQUENCE:" + strconv.Itoa(max(m.Sequence, h.Series.Sequence)) + "\r\n" +
		"DTSTART:" + utc(m.Starts.UTC().Format("2006-01-02T15:04:05Z")) + "\r\nDTEND:" + utc(m.Ends.UTC().Format("2006-01-02T15:04:05Z")) + "\r\n" +
		"ATTENDEE;PARTSTAT=" + partstat + ":mailto:" + who + "\r\nCOMMENT:Je serai en retard\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n--b--\r\n"
	return strings.NewReplacer(change...).Replace(mail)
}

// deposit posts a mail as a file.
func (h *harness) deposit(t *testing.T, token, mail string) *httptest.ResponseRecorder {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("mail", "reponse.eml")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write([]byte(mail))
	_ = form.Close()
	r := httptest.NewRequestWithContext(t.Context(), post, "http://rcp.test/inbox", &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.AddCookie(&http.Cookie{Name: "rcp", Value: token})
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	return w
}

// waits deposits a mail that must wait, and returns the path of its page and
// its version.
func (h *harness) waits(t *testing.T, mail string) (path, version string) {
	t.Helper()
	w := h.deposit(t, "secretary", mail)
	doc := html(t, w)
	got := doc.Find("#deposer .notice")
	if w.Code != http.StatusOK || !strings.Contains(said(got), "À traiter") {
		t.Fatalf("deposited: %d, %q", w.Code, said(got))
	}
	path = got.Find("a").AttrOr("href", "")
	return path, value(h.see(t, "secretary", path), "version")
}

func TestAnAnswerIsDepositedAndApplied(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.to(t, "open")
	w := h.deposit(t, "secretary", h.reply(t, "ines@clinique.example", "REPLY", "ACCEPTED"))
	got := said(html(t, w).Find("#deposer .notice"))
	if w.Code != http.StatusOK || !strings.Contains(got, "Appliquée") || !strings.Contains(got, "Inès Karaoui, répond : oui") {
		t.Fatalf("got %d, %q", w.Code, got)
	}
	full, err := h.Meetings.Get(t.Context(), h.Secretary, h.meeting.Meeting.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range full.Attendance {
		if a.Professional.ID == h.Clinician.Professional && a.Answer != meetings.Accepted {
			t.Errorf("the meeting says %s", a.Answer)
		}
	}
	doc := h.see(t, "secretary", "/inbox")
	if row := said(doc.Find("#recues tbody tr")); !strings.Contains(row, "Inès Karaoui") || !strings.Contains(row, "Appliquée") {
		t.Errorf("the record says %q", row)
	}
	if doc.Find("#a-traiter .empty").Length() != 1 {
		t.Error("something waits")
	}
	if none := h.see(t, "secretary", "/inbox?status=ignored"); none.Find("#recues tbody tr").Length() != 0 || none.Find("#recues .empty").Length() != 1 {
		t.Error("the filter shows what it should not")
	}
}

func TestAWaitingMailIsTakenAsSomebodysAnswer(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.to(t, "open")
	path, version := h.waits(t, h.reply(t, "inconnue@ailleurs.example", "REPLY", "DECLINED"))
	list := h.see(t, "secretary", "/inbox")
	if row := said(list.Find("#a-traiter li")); !strings.Contains(row, "Cette adresse n’est celle d’aucun professionnel connu.") || !strings.Contains(row, "ajoutez cette adresse") {
		t.Errorf("the line says %q", row)
	}
	if note := said(list.Find(`.rail a[href="/inbox"] .n`)); note != "1" {
		t.Errorf("the menu says %q", note)
	}
	doc := h.see(t, "secretary", path)
	if got := doc.Find(`#traiter input[name=answer][checked]`).AttrOr("value", ""); got != "DECLINED" {
		t.Errorf("the answer chosen is %q", got)
	}
	if n := doc.Find("#who optgroup").First().Find("option").Length(); n != 4 {
		t.Errorf("%d people invited are offered first", n)
	}
	f := url.Values{"version": {version}, "who": {""}, "answer": {"DECLINED"}}
	w := h.as(t, "secretary", post, path+"/assign", f)
	bad := html(t, w)
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(said(bad.Find("#who-e")), "Choisissez la personne") {
		t.Fatalf("nobody chosen: %d, %q", w.Code, said(bad.Find("#traiter")))
	}
	f.Set("who", string(h.Clinician.Professional))
	to := h.do(t, "secretary", path+"/assign", f)
	if got := said(h.see(t, "secretary", to).Find(".toast")); !strings.Contains(got, "La réponse est notée.") {
		t.Errorf("%s says %q", to, got)
	}
	line := said(h.see(t, "secretary", h.page("attendance")).Find(`tr:contains("Karaoui")`))
	if !strings.Contains(line, "non") {
		t.Errorf("the attendance says %q", line)
	}
	if got := said(h.see(t, "secretary", path).Find("main")); strings.Contains(got, "Noter cette réponse") || !strings.Contains(got, "Traitée à la main") || !strings.Contains(got, "Odile Marchenoir") {
		t.Error("a mail that was handled is offered again, or does not say by whom")
	}
	if w := h.as(t, "secretary", post, path+"/assign", f); w.Code != http.StatusConflict {
		t.Errorf("handled twice: %d", w.Code)
	}
}

func TestAWaitingMailIsSetAside(t *testing.T) {
	t.Parallel()
	h := setup(t)
	path, version := h.waits(t, "From: a@b.example\r\nSubject: question\r\n\r\nQuelle salle ?\r\n")
	doc := h.see(t, "secretary", path)
	if got := said(doc.Find("main")); !strings.Contains(got, "Quelle salle") || !strings.Contains(got, "ne contient pas de réponse d’agenda") {
		t.Errorf("the page says %q", got)
	}
	if doc.Find("#meeting option").Length() < 2 {
		t.Error("no meeting can be chosen")
	}
	to := h.do(t, "secretary", path+"/dismiss", url.Values{"version": {version}})
	doc = h.see(t, "secretary", to)
	if !strings.Contains(said(doc.Find(".toast")), "Classé sans suite") || doc.Find("#a-traiter li").Length() != 0 {
		t.Error("it still waits, or nothing is said")
	}
	if row := said(doc.Find("#recues tbody tr")); !strings.Contains(row, "Classée sans suite.") {
		t.Errorf("the record says %q", row)
	}
}

func TestAProposalIsAcceptedOrRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ verb, did string }{{"accept", "La réunion est déplacée."}, {"refuse", "La proposition est refusée."}} {
		t.Run(tt.verb, func(t *testing.T) {
			t.Parallel()
			h := setup(t)
			h.to(t, "open")
			mail := h.reply(t, "ines@clinique.example", "COUNTER", "TENTATIVE", "DTSTART:20261126T1330", "DTSTART:20261126T1500", "DTEND:20261126T1500", "DTEND:20261126T1630")
			w := h.deposit(t, "secretary", mail)
			doc := html(t, w)
			row := doc.Find("#dates li").First()
			for _, want := range []string{"Inès Karaoui demande une autre date", "le même jour, 16 h 00 – 17 h 30", "Je serai en retard", "reçoivent la nouvelle date", "Reçoivent la nouvelle date : ", "Aucun", "La réunion ne bouge pas"} {
				if !strings.Contains(said(row), want) {
					t.Errorf("%q is not in %q", want, said(row))
				}
			}
			action := row.Find(`form[action$="/` + tt.verb + `"]`)
			path := action.AttrOr("action", "")
			f := url.Values{"version": {action.Find("[name=version]").AttrOr("value", "")}, "reason": {"Salle prise"}}
			if w := h.as(t, "clinician", post, path, f); w.Code != http.StatusForbidden {
				t.Errorf("a clinician decides: %d", w.Code)
			}
			after := h.see(t, "chair", h.do(t, "chair", path, f))
			if !strings.Contains(said(after.Find(".toast")), tt.did) || after.Find("#dates li").Length() != 0 {
				t.Errorf("says %q, %d still wait", said(after.Find(".toast")), after.Find("#dates li").Length())
			}
			full, err := h.Meetings.Get(t.Context(), h.Chair, h.meeting.Meeting.ID)
			if moved := !full.Meeting.Starts.Equal(h.meeting.Meeting.Starts); err != nil || moved != (tt.verb == "accept") {
				t.Errorf("moved: %t, %v", moved, err)
			}
		})
	}
}

func TestWhatIsNoMailIsRefusedBesideTheField(t *testing.T) {
	t.Parallel()
	h := setup(t)
	for name, tt := range map[string]struct{ mail, want string }{
		"empty":     {" \r\n", "vide"},
		"too large": {strings.Repeat("x", mailbox.MaxSize+1), "dépasse 8 Mio"},
		"far too":   {strings.Repeat("x", mailbox.MaxSize+1<<20), "dépasse 8 Mio"},
	} {
		w := h.deposit(t, "secretary", tt.mail)
		doc := html(t, w)
		if got := said(doc.Find("#mail-e")); w.Code != http.StatusUnprocessableEntity || !strings.Contains(got, tt.want) {
			t.Errorf("%s: %d, %q", name, w.Code, got)
		}
		if doc.Find(`#mail[aria-invalid=true][aria-describedby~="mail-e"]`).Length() != 1 {
			t.Errorf("%s: the field does not name its error", name)
		}
	}
	if w := h.as(t, "secretary", post, "/inbox", url.Values{"mail": {"x"}}); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("no file: %d", w.Code)
	}
	if n := h.see(t, "secretary", "/inbox").Find("#a-traiter li").Length(); n != 0 {
		t.Errorf("%d mails were kept", n)
	}
}

func TestAHostileMailIsShownAsText(t *testing.T) {
	t.Parallel()
	h := setup(t)
	const evil = `</code></pre><script>alert(1)</script><img src=x onerror=alert(1)>`
	raw := "From: \"" + `<script>x</script>` + "\" <a@b.example>\r\nSubject: " + evil + "\r\n\r\n" + evil + "\u202Egnp.exe\x00\x1b[31m\xff\r\n"
	path, _ := h.waits(t, raw)
	w := h.as(t, "secretary", get, path, nil)
	body := w.Body.String()
	for _, bad := range []string{"<script>alert", "<script>x", "<img", "\u202E", "\x1b", "\x00", "\xff"} {
		if strings.Contains(body, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	if got := html(t, w).Find("#source pre").Text(); !strings.Contains(got, evil) || !strings.Contains(got, "\uFFFDgnp.exe") {
		t.Errorf("the source shown is %q", got)
	}
	w = h.as(t, "secretary", get, path+"/mail.eml", nil)
	head := w.Header()
	if w.Body.String() != raw || head.Get("Content-Type") != "message/rfc822" || head.Get("Content-Security-Policy") != policy || head.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("the file: %v", head)
	}
	if got := head.Get("Content-Disposition"); got != `attachment; filename="courriel-`+storetest.Now.UTC().Format("20060102-150405")+`.eml"` {
		t.Errorf("the file is %s", got)
	}
}

func TestALongMailIsCut(t *testing.T) {
	t.Parallel()
	h := setup(t)
	path, _ := h.waits(t, "From: a@b.example\r\nSubject: long\r\n\r\n"+strings.Repeat("é", shownMail))
	doc := h.see(t, "secretary", path)
	shown := doc.Find("#source pre").Text()
	if len(shown) > shownMail || len(shown) < shownMail-100 || strings.Contains(shown, "\uFFFD") || !strings.Contains(said(doc.Find("#source")), "Seul le début est montré") {
		t.Errorf("%d octets are shown", len(shown))
	}
}

func TestWhoSeesTheAnswers(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.to(t, "open")
	path, version := h.waits(t, h.reply(t, "inconnue@ailleurs.example", "REPLY", "ACCEPTED"))
	for _, tt := range []struct {
		token, method, path string
		want                int
	}{
		{"clinician", get, "/inbox", http.StatusForbidden},
		{"clinician", get, path, http.StatusForbidden},
		{"chair", get, "/inbox", http.StatusOK},
		{"chair", get, path, http.StatusForbidden},
		{"chair", post, "/inbox", http.StatusForbidden},
		{"chair", post, path + "/assign", http.StatusForbidden},
		{"admin", get, "/inbox", http.StatusOK},
		{"admin", get, path, http.StatusForbidden},
		{"admin", get, path + "/mail.eml", http.StatusForbidden},
		{"admin", post, path + "/dismiss", http.StatusForbidden},
	} {
		f := url.Values{"version": {version}, "who": {string(h.Clinician.Professional)}}
		if w := h.as(t, tt.token, tt.method, tt.path, f); w.Code != tt.want {
			t.Errorf("%s %s as %s: %d, want %d", tt.method, tt.path, tt.token, w.Code, tt.want)
		}
	}
	chair := h.see(t, "chair", "/inbox")
	if chair.Find("#a-traiter, #recues, #deposer").Length() != 0 || chair.Find("#dates .empty").Length() != 1 {
		t.Error("the chair sees mails, or not the other dates asked for")
	}
	admin := h.see(t, "admin", "/inbox")
	if admin.Find("#a-traiter li").Length() != 1 || admin.Find("main form, main a[href^='/inbox/']").Length() != 0 {
		t.Error("an administrator who is no secretary does not see the line, or may act on it")
	}
	if h.see(t, "clinician", "/").Find(`.rail a[href="/inbox"]`).Length() != 0 {
		t.Error("a clinician's menu names the answers")
	}
}

// held is an inbox that holds one mail of each reason.
type held struct {
	Inbox
	mails []inbox.Mail
}

func (h held) Waiting(context.Context, auth.Actor) (int, error) { return len(h.mails), nil }

func (h held) Proposals(context.Context, auth.Actor, meetings.ProposalStatus) ([]meetings.Proposal, error) {
	return nil, nil
}

func (h held) List(_ context.Context, _ auth.Actor, f inbox.Filter) ([]inbox.Mail, string, error) {
	if f.Status[0] == meetings.InboundReview {
		return h.mails, "", nil
	}
	return nil, "", nil
}

func TestEveryReasonIsSaidInWords(t *testing.T) {
	t.Parallel()
	all := reasonsOf(t)
	var box held
	for _, reason := range all {
		box.mails = append(box.mails, inbox.Mail{Inbound: meetings.Inbound{
			ID: id.New[id.Inbound](), Sender: "a@b.example", At: storetest.Now, Status: meetings.InboundReview, Reason: reason,
		}})
	}
	h := setup(t, func(c *Config) { c.Inbox = box })
	general, _ := reasonWords("fr", "of another RCP")
	for _, token := range []string{"secretary", "english"} {
		lines := h.see(t, token, "/inbox").Find("#a-traiter li")
		seen := map[string]meetings.Reason{}
		for i, reason := range all {
			why := said(lines.Eq(i).Find("p.why"))
			if why == "" || strings.Contains(why, string(reason)) || strings.Contains(why, general) {
				t.Errorf("%s, %s: %q", token, reason, why)
			}
			if other, ok := seen[why]; ok {
				t.Errorf("%s: %s and %s say the same", token, reason, other)
			}
			seen[why] = reason
		}
	}
}

// reasonsOf reads every reason that the domain declares.
func reasonsOf(t *testing.T) (all []meetings.Reason) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../../meetings/inbound.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || fmt.Sprint(spec.Type) != "Reason" {
			return true
		}
		word, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		if word != "" {
			all = append(all, meetings.Reason(word))
		}
		return true
	})
	if len(all) < 20 {
		t.Fatalf("only %d reasons found", len(all))
	}
	return all
}

func TestADoubtfulMailIsNotTakenInOneClick(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.to(t, "open")
	h.waits(t, h.reply(t, "ines@clinique.example", "REPLY", "ACCEPTED", "From: ines@clinique.example", "From: faussaire@ailleurs.example"))
	line := h.see(t, "secretary", "/inbox").Find("#a-traiter li")
	if got := said(line); !strings.Contains(got, "Envoyé par faussaire@ailleurs.example") || line.Find(`form[action$="/assign"]`).Length() != 0 {
		t.Errorf("says %q", got)
	}
	h = setup(t)
	h.to(t, "open")
	h.deposit(t, "secretary", h.reply(t, "ines@clinique.example", "REPLY", "DECLINED"))
	path, version := h.waits(t, h.reply(t, "ines@clinique.example", "REPLY", "ACCEPTED", "DTSTAMP:20261124T100000Z\r\n", ""))
	form := h.see(t, "secretary", "/inbox").Find(`#a-traiter form[action$="/assign"]`)
	if got := said(form); got != "Traiter comme la réponse de Inès Karaoui" {
		t.Fatalf("a mail without a date offers %q", got)
	}
	h.do(t, "secretary", path+"/assign", url.Values{"version": {version}, "who": {form.Find("[name=who]").AttrOr("value", "")}})
	if line := said(h.see(t, "secretary", h.page("attendance")).Find(`tr:contains("Karaoui")`)); !strings.Contains(line, "oui") {
		t.Errorf("the attendance says %q", line)
	}
}
