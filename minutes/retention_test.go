package minutes

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
)

func TestRetainOnItsBoundaries(t *testing.T) {
	t.Parallel()
	hospital, signature := ShippedClasses("")[0], ShippedClasses("")[1]
	d := date.New
	old := d(1940, 5, 1)
	for name, tt := range map[string]struct {
		class RetentionClass
		life  Life
		want  date.Date
	}{
		"twenty years from the last visit":          {hospital, Life{LastSeen: d(2026, 11, 26), Birth: old}, d(2046, 11, 26)},
		"not from the signature":                    {hospital, Life{LastSeen: d(2026, 11, 26), Signed: d(2027, 1, 2), Birth: old}, d(2046, 11, 26)},
		"from the signature":                        {signature, Life{LastSeen: d(2026, 11, 26), Signed: d(2027, 1, 2), Birth: old}, d(2047, 1, 2)},
		"eight years old that day":                  {hospital, Life{LastSeen: d(2026, 11, 26), Birth: d(2018, 11, 26)}, d(2046, 11, 26)},
		"eight years old the day after":             {hospital, Life{LastSeen: d(2026, 11, 26), Birth: d(2018, 11, 27)}, d(2046, 11, 27)},
		"newly born":                                {hospital, Life{LastSeen: d(2026, 11, 26), Birth: d(2026, 11, 26)}, d(2054, 11, 26)},
		"of a birth unknown":                        {hospital, Life{LastSeen: d(2026, 11, 26)}, d(2054, 11, 26)},
		"dead the day before ten years":             {hospital, Life{LastSeen: d(2026, 11, 26), Birth: old, Deceased: d(2036, 11, 25)}, d(2046, 11, 25)},
		"dead ten years after":                      {hospital, Life{LastSeen: d(2026, 11, 26), Birth: old, Deceased: d(2036, 11, 26)}, d(2046, 11, 26)},
		"dead the same day":                         {hospital, Life{LastSeen: d(2026, 11, 26), Birth: old, Deceased: d(2026, 11, 26)}, d(2036, 11, 26)},
		"a child who died":                          {hospital, Life{LastSeen: d(2026, 11, 26), Birth: d(2024, 1, 1), Deceased: d(2027, 3, 4)}, d(2037, 3, 4)},
		"discussed after the death":                 {hospital, Life{LastSeen: d(2026, 11, 26), Birth: old, Deceased: d(2016, 1, 1)}, d(2026, 11, 26)},
		"no rule of death":                          {signature, Life{Signed: d(2026, 11, 26), Birth: old, Deceased: d(2026, 12, 1)}, d(2046, 11, 26)},
		"born on 29 February, kept ten years":       {RetentionClass{Years: 10, From: FromLastSeen}, Life{LastSeen: d(2024, 2, 29), Birth: old}, d(2034, 3, 1)},
		"a start unknown has no term":               {hospital, Life{Signed: d(2026, 11, 26), Birth: old}, date.Date{}},
		"a class of the house: fifty years, no age": {RetentionClass{Years: 50, From: FromLastSeen}, Life{LastSeen: d(2026, 11, 26)}, d(2076, 11, 26)},
	} {
		if got := Retain(tt.class, tt.life); got != tt.want {
			t.Errorf("%s: until %v, want %v", name, got, tt.want)
		}
	}
}

func TestRetainNeverComesSoonerThanTheListLooks(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		day := func(name string) date.Date {
			return date.New(2000, 1, 1).AddDays(rapid.IntRange(0, 12000).Draw(t, name))
		}
		c := RetentionClass{
			Years: rapid.IntRange(1, 100).Draw(t, "years"), UntilAge: rapid.IntRange(0, 40).Draw(t, "age"), From: FromLastSeen,
		}
		c.AfterDeath = rapid.IntRange(0, c.Years).Draw(t, "after death")
		l := Life{LastSeen: day("seen"), Birth: day("born")}
		if rapid.Bool().Draw(t, "dead") {
			l.Deceased = date.Later(day("died"), l.LastSeen)
		}
		until := Retain(c, l)
		if until.Before(years(l.LastSeen, soonest([]RetentionClass{c}))) {
			t.Fatalf("%+v of %+v ends on %v", l, c, until)
		}
		longer := c
		longer.Years++
		if Retain(longer, l).Before(until) {
			t.Fatal("a longer class keeps less")
		}
	})
}

func TestAClassIsChecked(t *testing.T) {
	t.Parallel()
	good := ShippedClasses("")[0]
	for name, tt := range map[string]struct {
		change func(*RetentionClass)
		field  string
	}{
		"as shipped":           {func(*RetentionClass) {}, ""},
		"a hundred years":      {func(c *RetentionClass) { c.Years = 100 }, ""},
		"more":                 {func(c *RetentionClass) { c.Years = 101 }, "years"},
		"none":                 {func(c *RetentionClass) { c.Years, c.AfterDeath = 0, 0 }, "years"},
		"death past its years": {func(c *RetentionClass) { c.AfterDeath = 21 }, "after_death"},
		"an age too high":      {func(c *RetentionClass) { c.UntilAge = 41 }, "until_age"},
		"no start":             {func(c *RetentionClass) { c.From = "whenever" }, "from"},
		"no source":            {func(c *RetentionClass) { c.Source = " " }, "source"},
		"no name":              {func(c *RetentionClass) { c.Name = "" }, "name"},
	} {
		c := good
		tt.change(&c)
		var got string
		for _, f := range fault.Fields(c.check("test")) {
			got += f.Name
		}
		if got != tt.field {
			t.Errorf("%s: refuses %q, want %q", name, got, tt.field)
		}
	}
	if y := years(date.New(2026, time.December, 31), -soonest(ShippedClasses(""))); y != date.New(2016, time.December, 31) {
		t.Errorf("looks back to %v", y)
	}
}
