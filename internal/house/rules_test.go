package house

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// leaves are the packages everyone may import; they import only each other.
var leaves = []string{
	"internal/audit", "internal/auth", "internal/config", "internal/date", "internal/event",
	"internal/fault", "internal/id", "internal/lang", "internal/link", "templates",
}

// domain is the order of the domain packages: each may import those of a lower
// rank, never one of its own or a higher.
var domain = map[string]int{"careplan": 1, "meetings": 1, "agenda": 2, "minutes": 3, "notify": 4}

// inside are the subpackages a domain package may have.
var inside = []string{"agenda/papers", "agenda/preparation", "careplan/fhir", "careplan/protocol", "meetings/ical", "minutes/pdf", "notify/inbox", "notify/mailbox"}

// apart are the packages around the domain that meet only in cmd: they reach
// each other through interfaces of the domain.
var apart = []string{"internal/web", "internal/store", "internal/jobs"}

// owner says which packages alone may use a dependency, tests aside.
type owner struct {
	dependency string // an import path, and all below it
	rooms      []string
}

var owners = []owner{
	{"github.com/gin-gonic/gin", []string{"internal/web"}},
	{"github.com/danielgtaylor/huma", []string{"internal/web"}},
	{"database/sql/driver", []string{"internal/store", "internal/date", "internal/id"}},
	{"database/sql", []string{"internal/store"}},
	{"github.com/jackc/pgx", []string{"internal/store", "internal/testenv"}},
	{"modernc.org/sqlite", []string{"internal/store"}},
	{"github.com/pressly/goose", []string{"internal/store"}},
	{"github.com/jung-kurt/gofpdf", []string{"minutes/pdf"}},
	{"github.com/robfig/cron", []string{"internal/jobs"}},
	{"github.com/emersion/go-imap", []string{"notify/mailbox"}},
	{"github.com/emersion/go-msgauth", []string{"notify/inbox"}},
	{"github.com/emersion/go-webdav", []string{"internal/web"}},
}

// foreign is what no domain package may know.
var foreign = []string{
	"github.com/gin-gonic", "github.com/danielgtaylor/huma", "database/sql", "github.com/jackc/pgx",
	"github.com/redis", "github.com/go-redis", "github.com/robfig/cron", "net/http",
}

// topLevel is what may lie at the root, beside names that begin with a dot.
var topLevel = []string{
	"CHANGELOG.md", "Dockerfile", "LICENSE", "Makefile", "README.md", "docker-compose.yml", "go.mod", "go.sum",
	"agenda", "careplan", "cmd", "docs", "internal", "meetings", "minutes", "notify", "templates",
}

const maxLines = 500

// rules are run over the whole tree; each returns what it found wrong.
var rules = map[string]func([]source) []string{
	"imports run one way":            each(importsRunOneWay),
	"dependencies have one owner":    each(dependenciesHaveOneOwner),
	"the domain knows no machinery":  each(domainKnowsNoMachinery),
	"only tests use test code":       each(onlyTestsUseTestCode),
	"files are short":                each(filesAreShort),
	"packages are documented":        packagesAreDocumented,
	"nothing is skipped":             each(nothingIsSkipped),
	"the top level is tidy":          each(topLevelIsTidy),
	"no path of a machine":           each(noMachinePath),
	"the changelog has an open part": changelogHasUnreleased,
	"dependencies have a reason":     dependenciesHaveReason,
}

// each makes a rule about one file a rule about the tree.
func each(rule func(source) []string) func([]source) []string {
	return func(tree []source) []string {
		var found []string
		for _, s := range tree {
			for _, f := range rule(s) {
				found = append(found, s.path+": "+f)
			}
		}
		return found
	}
}

// under says whether an import path or room is base or below it.
func under(name, base string) bool {
	return name == base || strings.HasPrefix(name, base+"/")
}

func underAny(name string, bases []string) bool {
	return slices.ContainsFunc(bases, func(base string) bool { return under(name, base) })
}

// domainOf returns the domain package that room belongs to.
func domainOf(room string) (name string, ok bool) {
	name, _, _ = strings.Cut(room, "/")
	_, ok = domain[name]
	return name, ok
}

// ownImports returns the rooms of our module that s imports.
func ownImports(s source) []string {
	var rooms []string
	for _, p := range s.imports() {
		if room, ok := strings.CutPrefix(p, module+"/"); ok {
			rooms = append(rooms, room)
		}
	}
	return rooms
}

func importsRunOneWay(s source) []string {
	if !s.isGo() || s.isTest() || under(s.room(), "cmd") {
		return nil
	}
	var found []string
	for _, imported := range ownImports(s) {
		if !mayImport(s.room(), imported) {
			found = append(found, fmt.Sprintf("%s must not import %s", s.room(), imported))
		}
	}
	return found
}

// mayImport is the direction: cmd → around the domain → domain → leaves.
func mayImport(room, imported string) bool {
	if underAny(imported, leaves) {
		return true
	}
	if underAny(room, leaves) || under(imported, "cmd") {
		return false
	}
	if own, ok := domainOf(room); ok {
		other, isDomain := domainOf(imported)
		return isDomain && (own == other || domain[other] < domain[own])
	}
	return !meetOnlyInCmd(room, imported)
}

func meetOnlyInCmd(room, imported string) bool {
	for _, a := range apart {
		if under(room, a) {
			return underAny(imported, apart) && !under(imported, a)
		}
	}
	return false
}

func dependenciesHaveOneOwner(s source) []string {
	if !s.isGo() || s.isTest() {
		return nil
	}
	var found []string
	for _, p := range s.imports() {
		i := slices.IndexFunc(owners, func(o owner) bool { return under(p, o.dependency) })
		if i >= 0 && !underAny(s.room(), owners[i].rooms) {
			found = append(found, fmt.Sprintf("imports %s, which is for %s alone", p, strings.Join(owners[i].rooms, ", ")))
		}
	}
	return found
}

func domainKnowsNoMachinery(s source) []string {
	name, ok := domainOf(s.room())
	if !ok || !s.isGo() || s.isTest() {
		return nil
	}
	var found []string
	if s.room() != name && !underAny(s.room(), inside) {
		found = append(found, fmt.Sprintf("%s is not a known part of %s", s.room(), name))
	}
	for _, p := range s.imports() {
		if underAny(p, foreign) {
			found = append(found, "the domain must not import "+p)
		}
	}
	return found
}

// forTests says whether room exists for tests alone: testenv, and shared
// suites named after what they test, such as internal/store/storetest.
func forTests(room string) bool {
	return room == "internal/testenv" || strings.HasSuffix(room, "test")
}

func onlyTestsUseTestCode(s source) []string {
	if !s.isGo() || s.isTest() || forTests(s.room()) {
		return nil
	}
	var found []string
	for _, imported := range ownImports(s) {
		if forTests(imported) {
			found = append(found, imported+" is for tests")
		}
	}
	return found
}

func filesAreShort(s source) []string {
	if s.isGo() && !s.isTest() && !s.generated() && s.lines() > maxLines {
		return []string{fmt.Sprintf("%d lines, at most %d: does it hold two things?", s.lines(), maxLines)}
	}
	return nil
}

// packagesAreDocumented wants a comment on one file of each package: "Package
// x …", or "Command x …".
func packagesAreDocumented(tree []source) []string {
	documented := map[string]bool{}
	for _, s := range tree {
		if s.isGo() && !s.isTest() {
			doc := s.syntax.Doc.Text()
			documented[s.room()] = documented[s.room()] || strings.HasPrefix(doc, "Package "+s.syntax.Name.Name+" ") ||
				strings.HasPrefix(doc, "Command "+path.Base(s.room())+" ")
		}
	}
	var found []string
	for room, ok := range documented {
		if !ok {
			found = append(found, room+": no package comment")
		}
	}
	slices.Sort(found)
	return found
}

var skip = regexp.MustCompile(`\b[a-z]+\.Skip(f|Now)?\(`)

func nothingIsSkipped(s source) []string {
	if s.isGo() && s.isTest() && skip.Match(s.content) {
		return []string{"a test skips: say what is missing and fail"}
	}
	return nil
}

func topLevelIsTidy(s source) []string {
	top, _, _ := strings.Cut(s.path, "/")
	if strings.HasPrefix(top, ".") || slices.Contains(topLevel, top) {
		return nil
	}
	return []string{top + " has no place at the top level"}
}

// machinePath matches an absolute path into somebody's checkout or home.
var machinePath = regexp.MustCompile("(^|[\\s\"'`=(:,]|file://)/(wor[k]|far[m]|roo[t]|Use[r]s|home/[a-z])[a-z0-9._-]*/")

func noMachinePath(s source) []string {
	if s.isBinary() {
		return nil
	}
	if m := machinePath.Find(s.content); m != nil {
		return []string{fmt.Sprintf("names a path of one machine: %q", m)}
	}
	return nil
}

func changelogHasUnreleased(tree []source) []string {
	for _, s := range tree {
		if s.path == "CHANGELOG.md" && strings.Contains(string(s.content), "\n## [Unreleased]\n") {
			return nil
		}
	}
	return []string{"CHANGELOG.md has no part ## [Unreleased]"}
}

// dependencyReasons is where every direct dependency has its sentence.
const dependencyReasons = "docs/adr/0002-dependencies.md"

func dependenciesHaveReason(tree []source) []string {
	var required []string
	var reasons string
	for _, s := range tree {
		switch s.path {
		case "go.mod":
			required = directRequires(string(s.content))
		case dependencyReasons:
			reasons = string(s.content)
		}
	}
	var found []string
	for _, r := range required {
		if !strings.Contains(reasons, "`"+strings.TrimPrefix(r, "github.com/")+"`") {
			found = append(found, fmt.Sprintf("%s has no reason in %s", r, dependencyReasons))
		}
	}
	return found
}

// directRequires returns the modules that a go.mod requires for the program's
// own imports.
func directRequires(mod string) []string {
	var paths []string
	block := ""
	for line := range strings.Lines(mod) {
		fields := strings.Fields(line)
		switch {
		case len(fields) == 2 && fields[1] == "(":
			block = fields[0]
		case len(fields) == 1 && fields[0] == ")":
			block = ""
		case len(fields) == 2 && block == "require":
			paths = append(paths, fields[0])
		case len(fields) == 3 && fields[0] == "require":
			paths = append(paths, fields[1])
		}
	}
	return paths
}
