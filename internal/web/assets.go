package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"

	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/templates"
)

// assets are the static files, under one address that changes with any of
// them: /static/<hash>/rcp.css. A stylesheet's relative addresses stay true.
type assets struct {
	hash  string
	files map[string]asset
}

type asset struct {
	kind   string
	plain  []byte
	zipped []byte // nil when it would not be smaller
}

// kinds are named here: mime.TypeByExtension depends on the machine.
var kinds = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
	".woff2": "font/woff2", ".txt": "text/plain; charset=utf-8",
}

func loadAssets() (*assets, error) {
	root, err := fs.Sub(templates.FS, "static")
	if err != nil {
		return nil, fault.Wrap("web.loadAssets", err)
	}
	a, sum := &assets{files: map[string]asset{}}, sha256.New()
	err = fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		sum.Write([]byte(name))
		sum.Write(raw)
		a.files[name] = asset{kind: kinds[path.Ext(name)], plain: raw, zipped: (&zipper{}).zipped(raw)}
		return nil
	})
	a.hash = hex.EncodeToString(sum.Sum(nil))[:12]
	return a, fault.Wrap("web.loadAssets", err)
}

// url is where a static file is served.
func (a *assets) url(name string) string { return "/static/" + a.hash + "/" + name }

// static serves a file for ever: another content has another address.
func (s *Server) static(c *gin.Context) {
	file, ok := s.assets.files[strings.TrimPrefix(c.Param("path"), "/")]
	if !ok || c.Param("hash") != s.assets.hash {
		c.String(http.StatusNotFound, "404")
		return
	}
	c.Header("Cache-Control", "public, max-age=31536000, immutable")
	write(c, http.StatusOK, file.kind, file.plain, file.zipped)
}

// write sends a whole body, the compressed one to who takes it.
func write(c *gin.Context, status int, kind string, plain, zipped []byte) {
	h := c.Writer.Header()
	h.Add("Vary", "Accept-Encoding")
	body := plain
	if zipped != nil && strings.Contains(c.GetHeader("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = zipped
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	c.Data(status, kind, body)
}

// zipper compresses pages. A compressor holds most of a megabyte, so that they
// are kept and used again. The zero value works.
type zipper struct{ kept sync.Pool }

// zipped is gzip of b, or nil when that is not worth it.
func (z *zipper) zipped(b []byte) []byte {
	if len(b) < 1024 {
		return nil
	}
	var out bytes.Buffer
	w, ok := z.kept.Get().(*gzip.Writer)
	if !ok {
		w = gzip.NewWriter(io.Discard)
	}
	defer z.kept.Put(w)
	w.Reset(&out)
	_, _ = w.Write(b) // into memory
	_ = w.Close()
	if out.Len() >= len(b) {
		return nil
	}
	return out.Bytes()
}
