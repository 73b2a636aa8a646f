package agenda

import (
	"cmp"
	"slices"

	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
)

// Settings are a team's own way of drafting; the zero value is the default.
type Settings struct {
	Rules  map[Rule]RuleSetting `json:"rules,omitempty"`
	Margin int                  `json:"margin,omitempty"` // minutes kept free; 0: one fifteenth of the meeting
	Fixed  bool                 `json:"fixed,omitempty"`  // minutes per case are the team's, never learnt
	Group  bool                 `json:"group,omitempty"`  // one presenter's cases follow each other
}

// RuleSetting is what a team changed of a rule.
type RuleSetting struct {
	Off       bool `json:"off,omitempty"`
	Threshold int  `json:"threshold,omitempty"` // 0: the rule's own
}

func (s Settings) off(r RuleInfo) bool { return s.Rules[r.Rule].Off && !r.Fixed }

func (s Settings) threshold(r RuleInfo) int { return cmp.Or(s.Rules[r.Rule].Threshold, r.Threshold) }

// before is the day so many days or weeks of a rule's threshold before a day;
// zero when the rule is switched off.
func (s Settings) before(r rule, day date.Date) date.Date { return s.around(r, day, -1) }

// after is like before, the other way.
func (s Settings) after(r rule, day date.Date) date.Date { return s.around(r, day, 1) }

func (s Settings) around(r rule, day date.Date, sign int) date.Date {
	if s.off(r.RuleInfo) {
		return date.Date{}
	}
	n := s.threshold(r.RuleInfo)
	if r.Unit == Weeks {
		n *= 7
	}
	return day.AddDays(sign * n)
}

// maxThreshold is the most that a threshold may be, in its unit.
const maxThreshold = 365

func (s Settings) check() *fault.Check {
	var c fault.Check
	c.That(s.Margin >= 0 && s.Margin <= 60, "margin", "La marge va de 0 à 60 minutes.")
	all := Rules()
	for name, v := range s.Rules {
		i := slices.IndexFunc(all, func(r RuleInfo) bool { return r.Rule == name })
		field := "rule-" + string(name)
		c.That(i >= 0, field, "Cette règle n’existe pas.")
		c.That(i < 0 || !v.Off || !all[i].Fixed, field, "Cette règle ne s’éteint pas.")
		c.That(v.Threshold >= 0 && v.Threshold <= maxThreshold, field, "Le seuil va de 1 à 365.")
		c.That(i < 0 || v.Threshold == 0 || all[i].Threshold > 0, field, "Cette règle n’a pas de seuil.")
	}
	return &c
}
