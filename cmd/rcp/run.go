package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/alecthomas/kong"

	"github.com/rcp-care/rcp/internal/config"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/lang"
)

// env is what a command works with.
type env struct {
	config.Config
	ctx            context.Context
	stdin          io.Reader
	stdout, stderr io.Writer
	log            *slog.Logger
	now            func() time.Time
}

type commands struct {
	config.Config

	Serve   serveCmd   `cmd:"" help:"Serve pages, API and jobs."`
	Demo    demoCmd    `cmd:"" help:"Show the week of two fictional teams, then serve them."`
	Import  importCmd  `cmd:"" help:"Import care plans."`
	User    userCmd    `cmd:"" help:"Manage the people who sign in."`
	Token   tokenCmd   `cmd:"" help:"Make an API token."`
	Migrate migrateCmd `cmd:"" help:"Bring the database's schema up to date and stop."`
	Backup  backupCmd  `cmd:"" help:"Copy the database and the archive into a folder, with a manifest of hashes."`
	Restore restoreCmd `cmd:"" help:"Restore a backup into an empty database and archive."`
	Export  exportCmd  `cmd:"" help:"Write what is kept in forms for others."`
	Verify  verifyCmd  `cmd:"" help:"Name everything in the audit log, the minutes and the archive that was altered or is missing."`
	Health  healthCmd  `cmd:"" help:"Ask a running service whether it is ready (for containers)."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

// run is main without the process: the exit code is 0 when all went well, 1
// when it did not, 2 when the command line or the settings are wrong.
func run(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) int {
	var c commands
	var exit exitCode = -1
	parser, err := kong.New(&c,
		kong.Name("rcp"), kong.Description("Multidisciplinary care meetings: agendas, decisions, signed minutes, invitations."),
		kong.Writers(stdout, stderr), kong.Exit(func(code int) { panic(exitCode(code)) }),
		kong.Resolvers(fromEnvironment(getenv)), kong.UsageOnError(),
	)
	if err != nil {
		fmt.Fprintln(stderr, "rcp:", err)
		return 2
	}
	parsed, err := parse(parser, args, &exit)
	if exit >= 0 {
		return int(exit)
	}
	if err == nil {
		err = c.Check()
	}
	if err != nil {
		fmt.Fprintln(stderr, "rcp:", err)
		return 2
	}
	e := &env{
		Config: c.Config, ctx: ctx, stdin: stdin, stdout: stdout, stderr: stderr, now: time.Now,
		log: slog.New(slog.NewJSONHandler(stderr, nil)),
	}
	if err := parsed.Run(e); err != nil {
		fmt.Fprintln(stderr, "rcp:", explain(err))
		return 1
	}
	return 0
}

type exitCode int

// parse lets kong ask for the end of the program (--help) without ending ours.
func parse(p *kong.Kong, args []string, exit *exitCode) (parsed *kong.Context, err error) {
	defer func() {
		if r := recover(); r != nil {
			code, ok := r.(exitCode)
			if !ok {
				panic(r)
			}
			*exit = code
		}
	}()
	return p.Parse(args)
}

// fromEnvironment gives a flag that was not typed its RCP_… value.
func fromEnvironment(getenv func(string) string) kong.Resolver {
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		value, ok, err := config.FromEnv(getenv, flag.Name)
		if err != nil || !ok {
			return nil, err
		}
		return value, nil
	})
}

// explain turns a fault into a sentence for the operator.
func explain(err error) string {
	var f *fault.Error
	if !errors.As(err, &f) {
		return err.Error()
	}
	if f.Code == "" {
		return err.Error()
	}
	text := lang.T("en", f.Code, f.Args...)
	for _, field := range f.Fields {
		text += "\n  " + field.Name + ": " + lang.T("en", field.Code, field.Args...)
	}
	return text
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(e *env) error {
	_, err := fmt.Fprintln(e.stdout, "rcp", version)
	return err
}
