package main

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/meetings"
)

type userCmd struct {
	Add      userAddCmd      `cmd:"" help:"Add somebody who can sign in; the first one brings the organisation."`
	Password userPasswordCmd `cmd:"" help:"Set a new password, read from standard input; ends the person's sessions."`
}

type userAddCmd struct {
	Email        string   `arg:"" help:"Address to sign in with."`
	Given        string   `required:"" help:"Given name."`
	Family       string   `required:"" help:"Family name."`
	Profession   string   `default:"autre" help:"Profession key, such as medecin, infirmier, secretaire."`
	Specialty    string   `help:"Specialty of a physician."`
	RPPS         string   `name:"rpps" help:"11 digits."`
	Admin        bool     `help:"May manage teams, accounts and imports."`
	Organisation string   `help:"Name of the organisation, when there is none yet."`
	FINESS       string   `name:"finess" help:"Its FINESS number."`
	SecureDomain []string `name:"secure-domain" help:"Mail domain of secure messaging (MSSanté); may be repeated."`
}

// Run adds a professional with an account. The password is the first line of
// standard input; when there is none, one is made and printed once.
func (c userAddCmd) Run(e *env) error {
	s, err := store.Open(e.ctx, e.Database, e.now)
	if err != nil {
		return err
	}
	defer closing(e, s)
	org, err := c.organisation(e, s)
	if err != nil {
		return err
	}
	system := auth.System(org, "cli")
	password, made, err := readPassword(e.stdin)
	if err != nil {
		return err
	}
	p, err := meetings.NewService(s, e.now).SaveProfessional(e.ctx, system, auth.Professional{
		Given: c.Given, Family: c.Family, Profession: c.Profession, Specialty: c.Specialty, RPPS: c.RPPS, Email: c.Email,
	})
	if err != nil {
		return err
	}
	accounts, err := auth.NewService(s, e.now)
	if err != nil {
		return err
	}
	if err := accounts.CreateAccount(e.ctx, system, p.ID, c.Email, password, c.Admin); err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "%s can sign in.\n", c.Email)
	if made {
		fmt.Fprintf(e.stdout, "Password, shown once: %s\n", password)
	}
	return nil
}

// organisation returns the only organisation, or makes it.
func (c userAddCmd) organisation(e *env, s *store.Store) (id.Org, error) {
	org, err := onlyOrg(e, s)
	if err == nil || !errors.Is(err, errNoOrg) {
		return org, err
	}
	if c.Organisation == "" {
		return "", errors.New("there is no organisation yet: name it with --organisation")
	}
	o := auth.Org{
		ID: id.New[id.Org](), Name: c.Organisation, FINESS: c.FINESS, Letterhead: []string{c.Organisation},
		SecureDomains: lower(c.SecureDomain), Created: e.now(),
	}
	return o.ID, s.CreateOrg(e.ctx, o)
}

var errNoOrg = errors.New("there is no organisation yet: run rcp user add … --organisation NAME")

func onlyOrg(e *env, s *store.Store) (id.Org, error) {
	all, err := s.Orgs(e.ctx)
	if err != nil {
		return "", err
	}
	switch len(all) {
	case 0:
		return "", errNoOrg
	case 1:
		return all[0].ID, nil
	}
	return "", errors.New("there are several organisations")
}

func lower(all []string) []string {
	for i, s := range all {
		all[i] = strings.ToLower(strings.TrimSpace(s))
	}
	return all
}

// readPassword takes the first line, or makes a password when there is none.
func readPassword(r io.Reader) (password string, made bool, err error) {
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", false, err
	}
	if line = strings.TrimRight(line, "\r\n"); line != "" {
		return line, false, nil
	}
	return rand.Text(), true, nil
}

type userPasswordCmd struct {
	Email string `arg:"" help:"Address the person signs in with."`
}

// Run sets a new password, ends the person's sessions and leaves the rest of the
// account as it was.
func (c userPasswordCmd) Run(e *env) error {
	s, err := store.Open(e.ctx, e.Database, e.now)
	if err != nil {
		return err
	}
	defer closing(e, s)
	account, err := s.AccountByEmail(e.ctx, strings.ToLower(c.Email))
	if err != nil {
		return unknownAccount(err)
	}
	password, made, err := readPassword(e.stdin)
	if err != nil {
		return err
	}
	accounts, err := auth.NewService(s, e.now)
	if err != nil {
		return err
	}
	system := auth.System(account.Org, "cli")
	if _, err := accounts.SetPassword(e.ctx, system, account.Professional, password); err != nil {
		return err
	}
	if made {
		fmt.Fprintf(e.stdout, "Password, shown once: %s\n", password)
	}
	return nil
}

func unknownAccount(err error) error {
	if fault.Is(err, fault.NotFound) {
		return errors.New("nobody signs in with this address")
	}
	return err
}

type tokenCmd struct {
	Email string `arg:"" help:"Address the person signs in with."`
	Name  string `default:"cli" help:"What the token is for."`
}

// Run makes an API token and prints it once.
func (c tokenCmd) Run(e *env) error {
	s, err := store.Open(e.ctx, e.Database, e.now)
	if err != nil {
		return err
	}
	defer closing(e, s)
	account, err := s.AccountByEmail(e.ctx, strings.ToLower(c.Email))
	if err != nil {
		return unknownAccount(err)
	}
	accounts, err := auth.NewService(s, e.now)
	if err != nil {
		return err
	}
	token, err := accounts.NewToken(e.ctx, auth.System(account.Org, "cli"), account.Professional, c.Name)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(e.stdout, token)
	return err
}
