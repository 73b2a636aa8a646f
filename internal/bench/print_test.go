package bench

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"html/template"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/testenv"
	"github.com/rcp-care/rcp/minutes"
	"github.com/rcp-care/rcp/minutes/pdf"
)

// printLimit is how many times faster our PDF is than the browser's.
const printLimit = 15

// tagLimit is how many times longer our PDF may take than its pages untagged.
const tagLimit = 1.6

// page is the register as a page that a browser prints: the same words in the
// same order, in as many tables.
//
//go:embed testdata/register.html
var page string

// The running lines of our pages, for the browser's.
const (
	runningHead = `<div style="font-size:7px">Gériatrie, secteur Nord · Compte rendu de réunion de synthèse du 26/11/2026</div>`
	runningFoot = `<div style="font-size:7px">Centre de soins de Valbrume · version 1 · empreinte 2888fd1710a41618…` +
		` Page <span class="pageNumber"></span> sur <span class="totalPages"></span></div>`
)

// BenchmarkPrint prints the register of twenty patients with minutes/pdf, with a
// headless Chromium started for it, which is what printing with a browser takes
// without a second service to keep, and with one that is already warm.
func BenchmarkPrint(b *testing.B) {
	content, url := twenty(), writePage(b)
	ctx := testenv.Browser(b, 5*time.Minute)
	ours(b, content)          // reads the fonts, as the first minutes of a process do
	browserPrint(ctx, b, url) // and so does the browser
	sameWords(b, ours(b, content), browserPrint(ctx, b, url))
	for b.Loop() {
		mine := measure(15, func() time.Duration { return ownCPU(b) }, func() { ours(b, content) })
		warm := measure(15, func() time.Duration { return childrenCPU(b) }, func() { browserPrint(ctx, b, url) })
		cold := measure(5, func() time.Duration { return 0 }, func() { programPrint(b, url) })
		b.ReportMetric(ms(mine.wall), "ms/pdf")
		atLeast(b, "PDF of 20 patients, times faster than headless Chromium", ms(cold.wall)/ms(mine.wall), printLimit)
		measured.add(row{
			what: "  than a Chromium kept warm", value: fmt.Sprintf("%.1f", ms(warm.wall)/ms(mine.wall)),
			goal: fmt.Sprintf("aim %d", printLimit), met: ms(warm.wall) >= printLimit*ms(mine.wall),
		})
		untagged := measure(15, func() time.Duration { return ownCPU(b) }, func() { bare(b, content) })
		times := ms(mine.wall) / ms(untagged.wall)
		measured.add(row{
			what: "  than the same pages untagged, times as long", value: fmt.Sprintf("%.2f", times),
			goal: fmt.Sprintf("aim %.1f at most", tagLimit), met: times <= tagLimit,
		})
		note("  RCP / Chromium / Chromium kept warm", "%.0f ms / %.0f ms / %.0f ms", ms(mine.wall), ms(cold.wall), ms(warm.wall))
		office(b, url, ms(mine.wall))
		note("  processor time, RCP / Chromium kept warm", "%.0f ms / %.0f ms", ms(mine.cpu), ms(warm.cpu))
	}
}

// office prints the page with LibreOffice, started for it, where it is installed:
// it is too large for what the tests need.
func office(b *testing.B, url string, mine float64) {
	b.Helper()
	path, err := exec.LookPath("soffice")
	if err != nil {
		note("  than LibreOffice", "not installed (libreoffice-writer-nogui)")
		return
	}
	profile, dir := b.TempDir(), b.TempDir()
	convert := func() {
		cmd := exec.CommandContext(b.Context(), path, "-env:UserInstallation=file://"+profile, "--headless", "--convert-to", "pdf", "--outdir", dir, url)
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
	}
	convert() // makes its profile
	printed, err := os.ReadFile(filepath.Join(dir, "register.pdf"))
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("words: %d in LibreOffice's", words(b, printed))
	took := ms(measure(3, func() time.Duration { return 0 }, convert).wall)
	note("  than LibreOffice, times faster (the same page, without tags)", "%.1f, %.0f ms", took/mine, took)
}

// programPrint starts a browser that prints the page and ends.
func programPrint(b *testing.B, url string) {
	b.Helper()
	path, flags := testenv.Chromium(b)
	flags = append(flags, "--user-data-dir="+b.TempDir(), "--print-to-pdf="+filepath.Join(b.TempDir(), "register.pdf"), url)
	if out, err := exec.CommandContext(b.Context(), path, flags...).CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
}

// cost is what one run takes: of the clock the best run, which nobody
// disturbed; of the processor the mean.
type cost struct{ wall, cpu time.Duration }

func measure(times int, cpu func() time.Duration, f func()) cost {
	before := cpu()
	c := cost{wall: time.Hour}
	for range times {
		begin := time.Now()
		f()
		c.wall = min(c.wall, time.Since(begin))
	}
	c.cpu = (cpu() - before) / time.Duration(times)
	return c
}

func ours(b *testing.B, c minutes.Content) []byte {
	b.Helper()
	r, err := pdf.Render(c, pdf.Options{})
	if err != nil {
		b.Fatal(err)
	}
	return r.PDF
}

// bare makes the same pages without tags and what PDF/A asks for.
func bare(b *testing.B, c minutes.Content) {
	b.Helper()
	if _, err := pdf.Render(c, pdf.Options{Untagged: true}); err != nil {
		b.Fatal(err)
	}
}

// browserPrint loads the page and prints it.
func browserPrint(ctx context.Context, b *testing.B, url string) []byte {
	b.Helper()
	if err := chromedp.Do(ctx, chromedp.Navigate(url)); err != nil {
		b.Fatal(err)
	}
	printed, err := chromedp.Run(ctx, chromedp.PrintToPDF(
		chromedp.PDFPaper(chromedp.PaperA4), chromedp.PDFHeaderTemplate(runningHead), chromedp.PDFFooterTemplate(runningFoot)))
	if err != nil {
		b.Fatal(err)
	}
	return printed
}

// writePage writes the content as HTML and returns its address.
func writePage(b *testing.B) (url string) {
	b.Helper()
	t, err := template.New("register").Funcs(template.FuncMap{
		"day":    func(d date.Date) string { return d.In(time.UTC).Format("02/01/2006") },
		"moment": func(t time.Time) string { return t.Format("02/01/2006 à 15 h 04") },
		"upper":  strings.ToUpper,
	}).Parse(page)
	if err != nil {
		b.Fatal(err)
	}
	var html bytes.Buffer
	if err := t.Execute(&html, twenty()); err != nil {
		b.Fatal(err)
	}
	file := filepath.Join(b.TempDir(), "register.html")
	if err := os.WriteFile(file, html.Bytes(), 0o600); err != nil {
		b.Fatal(err)
	}
	return "file://" + file
}

// sameWords fails unless both documents hold about as many words.
func sameWords(b *testing.B, mine, theirs []byte) {
	b.Helper()
	m, t := words(b, mine), words(b, theirs)
	if t > m || 10*t < 8*m {
		b.Fatalf("our PDF has %d words, the browser's %d: not the same content", m, t)
	}
	b.Logf("words: %d in ours, %d in the browser's; bytes: %d and %d", m, t, len(mine), len(theirs))
}

func words(b *testing.B, doc []byte) int {
	b.Helper()
	cmd := exec.CommandContext(context.Background(), testenv.Program(b, "pdftotext"), "-", "-")
	cmd.Stdin = bytes.NewReader(doc)
	text, err := cmd.Output()
	if err != nil {
		b.Fatal(err)
	}
	return len(strings.Fields(string(text)))
}
