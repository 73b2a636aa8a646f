package store

import (
	"context"
	"encoding/json"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// CreateOrg inserts an organisation with an empty audit chain.
func (s *Store) CreateOrg(ctx context.Context, o auth.Org) error {
	letterhead, domains, err := orgLists(o)
	if err != nil {
		return fault.Wrap("store.CreateOrg", err)
	}
	_, err = s.write.ExecContext(ctx, `
		INSERT INTO org (id, finess, name, letterhead, secure_domains, audit_seq, audit_hash, created)
		VALUES ($1, $2, $3, $4, $5, 0, '', $6)`, o.ID, o.FINESS, o.Name, letterhead, domains, micro(o.Created))
	return fault.Wrap("store.CreateOrg", mapErrorOrNil(err))
}

// OrgByID reads one organisation.
func (s *Store) OrgByID(ctx context.Context, org id.Org) (auth.Org, error) {
	o, err := scanOrg(s.read.QueryRowContext(ctx,
		`SELECT id, finess, name, letterhead, secure_domains, created FROM org WHERE id = $1`, org))
	return o, fault.Wrap("store.OrgByID", mapErrorOrNil(err))
}

// Orgs reads every organisation, oldest first.
func (s *Store) Orgs(ctx context.Context) ([]auth.Org, error) {
	rows, err := s.read.QueryContext(ctx,
		`SELECT id, finess, name, letterhead, secure_domains, created FROM org ORDER BY id`)
	all, err := collect(rows, err, scanOrg)
	return all, fault.Wrap("store.Orgs", err)
}

func scanOrg(r scanner) (o auth.Org, err error) {
	var letterhead, domains []byte
	if err = r.Scan(&o.ID, &o.FINESS, &o.Name, &letterhead, &domains, &o.Created); err != nil {
		return o, err
	}
	o.Created = o.Created.UTC()
	if err = json.Unmarshal(letterhead, &o.Letterhead); err != nil {
		return o, err
	}
	return o, json.Unmarshal(domains, &o.SecureDomains)
}

func orgLists(o auth.Org) (letterhead, domains string, err error) {
	l, err := json.Marshal(nonNil(o.Letterhead))
	if err != nil {
		return "", "", err
	}
	d, err := json.Marshal(nonNil(o.SecureDomains))
	return string(l), string(d), err
}

func nonNil[T any](v []T) []T {
	if v == nil {
		return []T{}
	}
	return v
}
