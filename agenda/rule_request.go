package agenda

import "fmt"

// requestWeight: an urgent request passes before everything else (see Rank).
func requestWeight(u Urgency, otherwise int) int {
	switch u {
	case Urgent:
		return urgentWeight
	case Soon:
		return 60
	}
	return otherwise
}

// urgentWeight shows an urgent request first among its line's reasons.
const urgentWeight = 1000

// requested is a professional's question.
func requested() rule {
	return rule{
		RuleInfo: RuleInfo{
			Rule: Requested, French: "Demande d’un professionnel", English: "Professional’s request",
			FrenchMeans:  "Un professionnel demande une discussion, avec une question et une urgence.",
			EnglishMeans: "A professional asks for a discussion, with a question and an urgency.",
			Weight:       60, Fixed: true,
		},
		find: func(c Candidate, l look) []Reason {
			return asked(c, l, Requested, 35, func(r Request) bool { return !r.Source.Own() })
		},
		french: func(r Reason) string {
			return frenchUrgency(r.Kind) + " du " + frenchDay(r.Since) + prefixed(", ", r.Who) + prefixed("\u00a0: ", r.What)
		},
		english: func(r Reason) string {
			return englishUrgency(r.Kind) + " of " + englishDay(r.Since) + prefixed(", ", r.Who) + prefixed(": ", r.What)
		},
	}
}

// asked gives the open requests of some source as reasons of a rule.
func asked(c Candidate, l look, name Rule, routine int, from func(Request) bool) []Reason {
	var all []Reason
	for _, r := range c.Requests {
		if r.Status != RequestWaiting && r.Status != RequestPlaced || !from(r) {
			continue
		}
		on := l.day(r.At)
		all = append(all, Reason{
			Rule: name, Since: on, What: r.Question, Kind: string(r.Urgency), Who: r.ByName, Source: r.Source,
			Days: l.late(on), Weight: requestWeight(r.Urgency, routine), Late: r.LateFor != "",
		})
	}
	return all
}

func frenchUrgency(k string) string {
	switch Urgency(k) {
	case Urgent:
		return "Demande urgente"
	case Soon:
		return "Demande à voir bientôt"
	}
	return "Demande"
}

func englishUrgency(k string) string {
	switch Urgency(k) {
	case Urgent:
		return "Urgent request"
	case Soon:
		return "Request to see soon"
	}
	return "Request"
}

// isRequest reports whether somebody asked, and did not merely wait.
func (r Reason) isRequest() bool { return r.Rule == Requested || r.Rule == AskedByPatient }

// Urgent reports whether the reason is an urgent request.
func (r Reason) Urgent() bool { return r.isRequest() && r.Kind == string(Urgent) }

// askedByPatient is a request of the patient, or of their family, that somebody
// of the team wrote down.
func askedByPatient() rule {
	return rule{
		RuleInfo: RuleInfo{
			Rule: AskedByPatient, French: "Demande du patient ou de sa famille", English: "Request of the patient or their family",
			FrenchMeans:  "La personne suivie ou sa famille demande une discussion.",
			EnglishMeans: "The patient or their family asks for a discussion.",

			Weight: 60, Fixed: true,
		},
		find: func(c Candidate, l look) []Reason {
			return asked(c, l, AskedByPatient, 45, func(r Request) bool { return r.Source.Own() })
		},
		french: func(r Reason) string {
			of := "du patient"
			if r.Source == FromFamily {
				of = "de la famille"
			}
			return fmt.Sprintf("%s %s, le %s", frenchUrgency(r.Kind), of, frenchDay(r.Since)) +
				prefixed(", notée par ", r.Who) + prefixed("\u00a0: ", r.What)
		},
		english: func(r Reason) string {
			of := "patient"
			if r.Source == FromFamily {
				of = "family"
			}
			return fmt.Sprintf("%s of the %s on %s", englishUrgency(r.Kind), of, englishDay(r.Since)) +
				prefixed(", noted by ", r.Who) + prefixed(": ", r.What)
		},
	}
}
