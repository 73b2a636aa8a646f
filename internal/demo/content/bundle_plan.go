package content

func (b *bundle) carePlan() {
	pl := b.p.Plan
	support := []any{b.agreement("accordStructure", "structure")}
	if b.p.Sharing.State != "unknown" {
		support = append(support, b.agreement("accordUsager", "usager"))
	}
	b.add("CarePlan", b.id("projet", 0), "tddui-careplan-projet-personnalise", object{
		"identifier":     b.identifier("projetpersonnalise", "PPER", 1),
		"status":         pl.Status,
		"intent":         "plan",
		"title":          pl.Title,
		"description":    pl.Description,
		"subject":        b.subject(),
		"period":         object{"start": b.day(-pl.StartedDaysAgo)},
		"author":         b.member(b.p.Referent),
		"careTeam":       []any{ref("CareTeam", b.id("cercle", 0))},
		"supportingInfo": support,
	})
}

func (b *bundle) agreement(code, who string) object {
	r := ref("Consent", b.id("accord-"+who, 0))
	r["extension"] = discriminator(code)
	return r
}

func (b *bundle) planExtension() []any {
	return []any{extension("tddui-careplan-reference", object{"valueReference": b.plan()})}
}

func (b *bundle) expectations() {
	for i, e := range b.p.Plan.Expectations {
		b.add("Goal", b.id("attente", i+1), "tddui-goal-attente", object{
			"extension":       b.planExtension(),
			"identifier":      b.identifier("attente", "ATTE", i+1),
			"lifecycleStatus": "active",
			"description":     object{"text": e.Text},
			"subject":         b.subject(),
			"note":            []any{note("origineAttente", e.Origin)},
		})
	}
}

func (b *bundle) needs() {
	for i, text := range b.p.Plan.Needs {
		b.add("ServiceRequest", b.id("besoin", i+1), "tddui-service-request-besoin", object{
			"identifier": b.identifier("besoin", "BESO", i+1),
			"basedOn":    []any{b.plan()},
			"status":     "active",
			"intent":     "plan",
			"code":       object{"text": text},
			"subject":    b.subject(),
		})
	}
}

// objectives writes each objective and its actions. The n-th need of a plan
// belongs to its n-th objective.
func (b *bundle) objectives() {
	actions := 0
	for i, o := range b.p.Plan.Objectives {
		b.objective(i+1, o)
		for _, a := range o.Actions {
			actions++
			b.action(actions, i+1, a)
		}
	}
}

func (b *bundle) objective(n int, o Objective) {
	notes := []any{note("titreObjectif", o.Title)}
	if o.PatientView != "" {
		notes = append(notes, note("avisUsagerObjectif", o.PatientView))
	}
	r := object{
		"extension":         b.planExtension(),
		"identifier":        b.identifier("objectif", "OBJE", n),
		"lifecycleStatus":   o.Lifecycle,
		"achievementStatus": concept("http://terminology.hl7.org/CodeSystem/goal-achievement", o.Achievement),
		"statusDate":        b.day(-b.assessedDaysAgo()),
		"category":          []any{object{"text": o.Domain}},
		"description":       object{"text": o.Description},
		"subject":           b.subject(),
		"startDate":         b.day(-b.p.Plan.StartedDaysAgo),
		"target":            []any{object{"detailString": o.Expected, "dueDate": b.day(o.DueInDays)}},
		"expressedBy":       b.member(o.Who),
		"note":              notes,
	}
	if n <= len(b.p.Plan.Needs) {
		r["addresses"] = []any{ref("ServiceRequest", b.id("besoin", n))}
	}
	b.add("Goal", b.id("objectif", n), "tddui-goal-objectif", r)
}

// assessedDaysAgo is when the objectives were last judged: at the last review,
// else when the plan began.
func (b *bundle) assessedDaysAgo() int {
	if last := b.p.Plan.LastReviewDaysAgo; last != nil {
		return *last
	}
	return b.p.Plan.StartedDaysAgo
}

func (b *bundle) action(n, objective int, a Action) {
	b.add("Task", b.id("action", n), "tddui-task-action", object{
		"identifier":      b.identifier("action", "ACTI", n),
		"basedOn":         []any{b.plan()},
		"status":          taskStatus(a.Status),
		"intent":          "plan",
		"executionPeriod": b.until(a.DueInDays),
		"owner":           b.member(a.Who),
		"input": []any{
			input("action", "titre", object{"valueString": a.Title}),
			input("action", "objectif", object{"valueReference": ref("Goal", b.id("objectif", objective))}),
		},
	})
}

// until is a period that starts with the plan, or on its last day when that is
// earlier.
func (b *bundle) until(dueInDays int) object {
	return object{"start": b.day(min(-b.p.Plan.StartedDaysAgo, dueInDays)), "end": b.day(dueInDays)}
}

// taskStatus is the TDDUI word: an action asked for is a draft there.
func taskStatus(s string) string {
	if s == "requested" {
		return "draft"
	}
	return s
}

func input(kind, code string, value object) object {
	value["type"] = concept(tdduiCodes+"tddui-task-input-"+kind, code)
	return value
}

// review is the Bilan: the last review and the date of the next one. A plan
// never reviewed has a Bilan still to come (draft), without a date of its own,
// so that no reader takes it for a review that took place.
func (b *bundle) review() {
	pl := b.p.Plan
	r := object{
		"identifier": b.identifier("bilan", "BILA", 1),
		"basedOn":    []any{b.plan()},
		"intent":     "plan",
	}
	switch {
	case pl.LastReviewDaysAgo != nil:
		r["status"] = "completed"
		r["executionPeriod"] = object{"start": b.day(-*pl.LastReviewDaysAgo)}
	case pl.NextReviewInDays != nil:
		r["status"] = "draft"
	default:
		return
	}
	if pl.NextReviewInDays != nil {
		r["input"] = []any{input("bilan", "dateProchainBilan", object{"valueDateTime": b.day(*pl.NextReviewInDays)})}
	}
	b.add("Task", b.id("bilan", 1), "tddui-task-bilan", r)
}

func (b *bundle) events() {
	for i, e := range b.p.Events {
		b.event(i+1, e)
	}
}

func (b *bundle) event(n int, e Event) {
	status := "finished"
	if e.InDays > 0 {
		status = "planned"
	}
	b.add("Encounter", b.id("evenement", n), "tddui-encounter-evenement", object{
		"extension": []any{
			extension("tddui-event-label", object{"valueString": e.Label}),
			extension("tddui-event-reason", object{"valueString": e.Reason}),
		},
		"identifier": b.identifier("evenement", "EVN", n),
		"status":     status,
		"class":      object{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": eventClass(e.Kind)},
		"type":       []any{object{"text": eventWord(e.Kind)}},
		"subject":    b.subject(),
		"period":     object{"start": b.instant(e.InDays, 10), "end": b.instant(e.InDays+e.Days, 11)},
	})
}

func eventClass(kind string) string {
	switch kind {
	case "hospitalisation", "transfer":
		return "IMP"
	}
	return "HH"
}

func eventWord(kind string) string {
	switch kind {
	case "hospitalisation":
		return "Hospitalisation"
	case "return":
		return "Retour à domicile"
	case "fall":
		return "Chute"
	case "transfer":
		return "Transfert"
	case "new-treatment":
		return "Nouveau traitement"
	}
	return "Autre événement"
}
