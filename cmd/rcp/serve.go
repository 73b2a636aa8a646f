package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/rcp-care/rcp/internal/jobs"
)

type serveCmd struct{}

// Run serves until the process is asked to stop.
func (serveCmd) Run(e *env) error {
	a, err := newApp(e.ctx, e)
	if err != nil {
		return err
	}
	defer a.close()
	return a.serve(e.ctx, func(addr net.Addr) { e.log.Info("ready", "listen", addr.String(), "version", version) })
}

// The limits of a connection. Writing may take long: a PDF over a slow line.
const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = 5 * time.Minute
	writeTimeout      = 2 * time.Minute
	idleTimeout       = 2 * time.Minute
	shutdownTimeout   = 15 * time.Second
)

// serve listens, runs the jobs beside, and on the end of ctx, or when one of the
// two breaks, lets requests and the message on its way finish.
func (a *app) serve(ctx context.Context, ready func(net.Addr)) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", a.env.Listen)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w", a.env.Listen, err)
	}
	server := &http.Server{
		Handler: a.handler, ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout,
		WriteTimeout: writeTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: 64 << 10,
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var work sync.WaitGroup
	defer work.Wait()
	work.Go(func() { stop(jobs.Run(ctx, a.jobs)) })
	work.Go(func() { a.hub.Run(ctx, liveEvery) }) // its end closes the screens' streams
	work.Go(func() { stop(server.Serve(listener)) })
	ready(listener.Addr())
	<-ctx.Done()
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	err = server.Shutdown(end)
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause // what broke, not that we were asked to stop
	}
	return err
}

type healthCmd struct{}

// Run asks /readyz of the service that listens by these settings.
func (healthCmd) Run(e *env) error {
	ctx, cancel := context.WithTimeout(e.ctx, 5*time.Second)
	defer cancel()
	_, port, err := net.SplitHostPort(e.Listen)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort("127.0.0.1", port)+"/readyz", nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return errors.New("not ready: no answer")
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: %s", res.Status)
	}
	return nil
}
