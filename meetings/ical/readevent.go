package ical

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	goical "github.com/emersion/go-ical"
)

// interpret reads the tree that go-ical made of guarded text.
func interpret(cal *goical.Calendar) (Received, error) {
	method, err := single(cal.Props, goical.PropMethod)
	if err != nil {
		return Received{}, err
	}
	product := first(cal.Props, goical.PropProductID)
	got := Received{Method: Method(token(method)), ProductID: cleanLine(unescape(product.Value))}
	zones := readZones(cal.Children)
	for _, c := range cal.Children {
		if c.Name != goical.CompEvent {
			continue
		}
		item, err := readItem(c.Props, zones)
		if err != nil {
			return Received{}, err
		}
		got.Items = append(got.Items, item)
	}
	switch {
	case zones.exhausted():
		return Received{}, unreadable(TooMany)
	case len(got.Items) == 0:
		return Received{}, unreadable(NoEvent)
	case got.Method == Reply && slices.ContainsFunc(got.Items, twoMinds):
		return Received{}, unreadable(Contradictory)
	}
	return got, nil
}

// twoMinds reports an attendee who gives two answers at once.
func twoMinds(item Item) bool {
	said := map[string]PartStat{}
	for _, a := range item.Attendees {
		if before, ok := said[a.Address]; ok && before != a.PartStat && a.Address != "" {
			return true
		}
		said[a.Address] = a.PartStat
	}
	return false
}

// first returns the first property of that name, or an empty one.
func first(props goical.Props, name string) goical.Prop {
	if all := props[name]; len(all) > 0 {
		return all[0]
	}
	return goical.Prop{Name: name}
}

// single returns, trimmed and in upper case, the value of a property that may
// only be said once. Repeating it is forgiven, contradicting it is not.
func single(props goical.Props, name string) (string, error) {
	value := upper(first(props, name).Value)
	for _, p := range props[name] {
		if upper(p.Value) != value {
			return "", unreadable(Contradictory)
		}
	}
	return value, nil
}

func upper(s string) string { return strings.ToUpper(strings.TrimSpace(s)) }

// token reads a keyword in upper case, "" when it cannot be one.
func token(s string) string {
	if s = upper(s); len(s) > 64 || !printableASCII(s) {
		return ""
	}
	return s
}

// partStat reads an answer; two different ones are none.
func partStat(values []string) PartStat {
	for _, v := range values {
		if upper(v) != upper(values[0]) {
			return ""
		}
	}
	return PartStat(token(strings.Join(values[:min(1, len(values))], "")))
}

// maxUID is the longest UID that is read; ours have less than 255 octets.
const maxUID = 1 << 10

func readItem(props goical.Props, zones *zoneBook) (Item, error) {
	for _, name := range []string{goical.PropUID, goical.PropDateTimeStamp, goical.PropRecurrenceID, goical.PropDateTimeStart, goical.PropDateTimeEnd} {
		if contradicts(props[name]) {
			return Item{}, unreadable(Contradictory)
		}
	}
	item := Item{UID: strings.TrimSpace(unescape(first(props, goical.PropUID).Value))}
	if item.UID == "" || len(item.UID) > maxUID {
		return Item{}, unreadable(NoUID)
	}
	sequence, err := single(props, goical.PropSequence)
	if err != nil {
		return Item{}, err
	}
	if sequence != "" {
		item.HasSequence = true
		item.Sequence, err = strconv.Atoi(sequence)
		if err != nil || item.Sequence < 0 {
			return Item{}, unreadable(Malformed)
		}
	}
	readTimes(&item, props, zones)
	readWords(&item, props)
	readPeople(&item, props, zones)
	return item, nil
}

// contradicts reports a property that is said twice, differently.
func contradicts(all []goical.Prop) bool {
	return slices.ContainsFunc(all, func(p goical.Prop) bool {
		return p.Value != all[0].Value || p.Params.Get(goical.PropTimezoneID) != all[0].Params.Get(goical.PropTimezoneID)
	})
}

// doubt notes the first thing that is uncertain.
func (i *Item) doubt(what string) {
	if i.Uncertain == "" {
		i.Uncertain = what
	}
}

func readTimes(item *Item, props goical.Props, zones *zoneBook) {
	if p := first(props, goical.PropRecurrenceID); p.Value != "" {
		if at, ok := zones.read(p); ok {
			item.RecurrenceID, item.RecurrenceDay, item.RecurrenceFloating = at.time, at.day, at.floating
		} else {
			item.doubt(UncertainInstance)
		}
		if p.Params.Get(goical.ParamRange) != "" {
			item.doubt(UncertainRange)
		}
	} else if len(props[goical.PropRecurrenceID]) > 0 { // there, but empty
		item.doubt(UncertainInstance)
	}
	if p := first(props, goical.PropDateTimeStamp); p.Value != "" {
		at, ok := zones.read(p)
		if !ok || at.day || at.floating {
			item.doubt(UncertainStamp)
		} else {
			item.Stamp = at.time
		}
	}
	readSpan(item, props, zones)
}

// readSpan reads when the event is. DTEND goes before DURATION: some write both.
func readSpan(item *Item, props goical.Props, zones *zoneBook) {
	p := first(props, goical.PropDateTimeStart)
	if p.Value == "" {
		return
	}
	start, ok := zones.read(p)
	if !ok {
		item.doubt(UncertainStart)
		return
	}
	item.Start, item.AllDay, item.Floating = start.time, start.day, start.floating
	end, said, ok := zones.readEnd(props, p, start)
	switch {
	case !said:
	case !ok || end.day != start.day || end.floating != start.floating || end.time.Before(start.time):
		item.doubt(UncertainEnd)
	default:
		item.End = end.time
	}
}

func readWords(item *Item, props goical.Props) {
	item.Summary = cleanLine(unescape(first(props, goical.PropSummary).Value))
	comments := props[goical.PropComment]
	if len(comments) == 0 {
		comments = props[privateComment]
	}
	var said []string
	for _, p := range comments {
		if text := cleanText(unescape(p.Value)); text != "" {
			said = append(said, text)
		}
	}
	item.Comment = strings.Join(said, "\n")
	if rule := strings.TrimSpace(first(props, goical.PropRecurrenceRule).Value); printableASCII(rule) {
		item.Rule = rule
	}
	item.Status = Status(token(first(props, goical.PropStatus).Value))
}

func readPeople(item *Item, props goical.Props, zones *zoneBook) {
	item.Organizer = userAddress(first(props, goical.PropOrganizer))
	for _, p := range props[goical.PropAttendee] {
		a := readAttendee(p)
		proposal, ok := readProposal(p, *item, zones)
		if !ok {
			item.doubt(UncertainProposal)
		}
		a.Proposed = proposal
		if item.Proposed == nil {
			item.Proposed = proposal
		}
		item.Attendees = append(item.Attendees, a)
	}
}

func readAttendee(p goical.Prop) Answerer {
	a := Answerer{
		Name:          cleanLine(paramText(p, goical.ParamCommonName)),
		Address:       userAddress(p),
		PartStat:      partStat(p.Params.Values(goical.ParamParticipationStatus)),
		DelegatedTo:   addresses(p.Params.Values(goical.ParamDelegatedTo)),
		DelegatedFrom: addresses(p.Params.Values(goical.ParamDelegatedFrom)),
		SentBy:        address(p.Params.Get(goical.ParamSentBy)),
	}
	for _, name := range []string{"X-RESPONSE-COMMENT", "X-COMMENT"} {
		if a.Comment == "" {
			a.Comment = cleanText(paramText(p, name))
		}
	}
	return a
}

// paramText reads a parameter whose value is text: commas in it were no list,
// and RFC 6868 escapes what cannot be in quotes.
func paramText(p goical.Prop, name string) string {
	s := strings.Join(p.Params.Values(name), ",")
	return strings.NewReplacer("^n", "\n", "^'", `"`, "^^", "^").Replace(s)
}

// readProposal reads Apple's parameter, "DTSTART:20261126T140000Z;STATUS:…". The
// meeting keeps its length unless an end is told too. ok is false when there is
// a proposal that cannot be understood.
func readProposal(p goical.Prop, item Item, zones *zoneBook) (span *Span, ok bool) {
	var start, end moment
	for part := range strings.SplitSeq(p.Params.Get(proposalParam), ";") {
		name, value, _ := strings.Cut(part, ":")
		var into *moment
		switch upper(name) {
		case goical.PropDateTimeStart:
			into = &start
		case goical.PropDateTimeEnd:
			into = &end
		}
		if into == nil || value == "" {
			continue
		}
		if *into, ok = zones.read(goical.Prop{Value: value}); !ok || into.day || into.floating {
			return nil, false
		}
	}
	if start.time.IsZero() {
		return nil, end.time.IsZero()
	}
	if end.time.IsZero() && !item.End.IsZero() {
		end.time = start.time.Add(item.End.Sub(item.Start))
	}
	if !end.time.IsZero() && end.time.Before(start.time) {
		return nil, false
	}
	return &Span{start.time, end.time}, true
}

// userAddress returns the mail address of a calendar user. Apple and Exchange
// may name the user by another URI and write the address in EMAIL.
func userAddress(p goical.Prop) string {
	if a := address(p.Value); a != "" {
		return a
	}
	if strings.HasPrefix(upper(p.Value), "MAILTO:") {
		return "" // it was to be one
	}
	return address(p.Params.Get("EMAIL"))
}

func addresses(uris []string) []string {
	var out []string
	for _, u := range uris {
		if a := address(u); a != "" {
			out = append(out, a)
		}
	}
	return out
}

// address returns the bare lower-case address of a mailto URI in any case, or of
// an address alone, and "" for what is neither. It undoes [mailto].
func address(uri string) string {
	s := strings.TrimSpace(uri)
	if len(s) >= len("mailto:") && strings.EqualFold(s[:len("mailto:")], "mailto:") {
		s, _, _ = strings.Cut(s[len("mailto:"):], "?")
		if plain, err := url.PathUnescape(s); err == nil {
			s = plain
		}
	}
	s = strings.TrimSpace(s)
	if inner, ok := strings.CutPrefix(s, "<"); ok {
		s = strings.TrimSuffix(inner, ">")
	}
	local, domain, ok := strings.Cut(s, "@")
	if !ok || local == "" || domain == "" || len(s) > 254 || strings.Contains(domain, "@") ||
		!printableASCII(s) || strings.ContainsAny(s, "\"(),:;<>[\\]") {
		return ""
	}
	return strings.ToLower(s)
}

// unescape reads a TEXT value (RFC 5545 section 3.3.11). Commas that should have
// been escaped, and escapes that should not, are taken as they are.
func unescape(s string) string {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '\\' && i+1 < len(s) {
			i++
			if c = s[i]; c == 'n' || c == 'N' {
				c = '\n'
			}
		}
		out.WriteByte(c)
	}
	return out.String()
}
