package testenv

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// Chromium returns the path of the browser and the flags every test starts it
// with: headless, as any user, and silent on the network. The caller adds a
// new --user-data-dir.
func Chromium(t testing.TB) (path string, flags []string) {
	t.Helper()
	return Program(t, "chromium"), []string{
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync",
		"--disable-dev-shm-usage", "--hide-scrollbars",
	}
}

// Browser starts a browser with a new profile and returns the chromedp context
// of its first tab. It closes when the test ends, or after the limit.
func Browser(t testing.TB, limit time.Duration) context.Context {
	t.Helper()
	path, flags := Chromium(t)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path))
	for _, f := range flags {
		options = append(options, chromedp.Flag(strings.TrimPrefix(f, "--"), true))
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("testenv: start %s: %v", path, err)
	}
	return ctx
}
