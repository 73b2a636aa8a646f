package storetest

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store"
)

const newPassword = "treize lettres"

// administrator makes the stranger one, with an account, and returns them.
func administrator(t *testing.T, h House, accounts *auth.Service) auth.Actor {
	t.Helper()
	a := h.Stranger
	a.Admin = true
	if err := accounts.CreateAccount(t.Context(), h.System, a.Professional, "claude@clinique.example", password, true); err != nil {
		t.Fatalf("create account: %v", err)
	}
	return a
}

// access is what the administrator reads of somebody's account.
func access(t *testing.T, accounts *auth.Service, a auth.Actor, p id.Professional) auth.Access {
	t.Helper()
	all, err := accounts.Accounts(t.Context(), a)
	if err != nil {
		t.Fatalf("accounts: %v", err)
	}
	at := slices.IndexFunc(all, func(x auth.Access) bool { return x.Professional == p })
	if at < 0 {
		t.Fatalf("no account of %s among %d", p, len(all))
	}
	return all[at]
}

func TestAccessIsGivenAndSeen(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		h, accounts, now := withAccount(t, s)
		a := administrator(t, h, accounts)
		made, err := accounts.GiveAccess(ctx, a, h.Clinician.Professional, " Ines@Clinique.example ", "")
		if err != nil || len(made) != 24 {
			t.Fatalf("made %q, %v", made, err)
		}
		if x := access(t, accounts, a, h.Clinician.Professional); !x.SignedIn.IsZero() || x.Email != "ines@clinique.example" || x.Admin || !x.Active() {
			t.Errorf("before any sign-in: %+v", x)
		}
		for range 2 { // the last time counts
			*now = now.Add(time.Hour)
			if _, _, err := accounts.SignIn(ctx, "ines@clinique.example", made, ""); err != nil {
				t.Fatalf("sign in with what was made: %v", err)
			}
		}
		seen := *now
		*now = now.Add(time.Hour)
		if _, _, err := accounts.SignIn(ctx, "ines@clinique.example", "faux", ""); err == nil {
			t.Fatal("a wrong password signs in")
		}
		if x := access(t, accounts, a, h.Clinician.Professional); !x.SignedIn.Equal(seen) {
			t.Errorf("last signed in at %s, want %s", x.SignedIn, seen)
		}
		if given, err := accounts.GiveAccess(ctx, a, h.Secretary.Professional, "odile@clinique.example", newPassword); err != nil || given != "" {
			t.Errorf("a typed password comes back: %q, %v", given, err)
		}
	})
}

func TestAccessIsNotGivenTwiceNorElsewhere(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		h, accounts, _ := withAccount(t, s)
		a := administrator(t, h, accounts)
		_, err := accounts.GiveAccess(ctx, a, h.Clinician.Professional, "SOLENE@medecin.mssante.example", "court")
		if !fault.Is(err, fault.Invalid) || len(fault.Fields(err)) != 2 {
			t.Errorf("a login in use and a short password: %v", err)
		}
		if _, err := accounts.GiveAccess(ctx, a, h.Chair.Professional, "autre@clinique.example", ""); !fault.Is(err, fault.Conflict) {
			t.Errorf("a second account: %v", err)
		}
		other := a
		other.Org = anotherOrg(t, s)
		if _, err := accounts.GiveAccess(ctx, other, h.Clinician.Professional, "ines@clinique.example", ""); !fault.Is(err, fault.NotFound) {
			t.Errorf("somebody of another organisation: %v", err)
		}
		other.Professional = h.Clinician.Professional
		for name, act := range map[string]func() error{
			"password": func() error { _, err := accounts.SetPassword(ctx, other, h.Chair.Professional, ""); return err },
			"disable":  func() error { return accounts.Disable(ctx, other, h.Chair.Professional) },
			"enable":   func() error { return accounts.Enable(ctx, other, h.Chair.Professional) },
			"admin":    func() error { return accounts.SetAdmin(ctx, other, h.Chair.Professional, true) },
		} {
			if err := act(); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s from another organisation: %v", name, err)
			}
		}
		if all, err := accounts.Accounts(ctx, other); err != nil || len(all) != 0 {
			t.Errorf("another organisation reads %d accounts, %v", len(all), err)
		}
	})
}

func anotherOrg(t *testing.T, s *store.Store) id.Org {
	t.Helper()
	o := auth.Org{ID: id.New[id.Org](), FINESS: "990000002", Name: "Clinique du Val", Created: Now}
	if err := s.CreateOrg(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	return o.ID
}

func TestOnlyAnAdministratorKeepsAccountsAndARefusalIsOnRecord(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		h, accounts, _ := withAccount(t, s)
		a, p := h.Secretary, h.Chair.Professional
		for action, act := range map[string]func() error{
			"account.list":     func() error { _, err := accounts.Accounts(ctx, a); return err },
			"account.give":     func() error { _, err := accounts.GiveAccess(ctx, a, p, "x@y.example", ""); return err },
			"account.password": func() error { _, err := accounts.SetPassword(ctx, a, p, ""); return err },
			"account.disable":  func() error { return accounts.Disable(ctx, a, p) },
			"account.enable":   func() error { return accounts.Enable(ctx, a, p) },
			"account.admin":    func() error { return accounts.SetAdmin(ctx, a, a.Professional, true) },
			"account.unadmin":  func() error { return accounts.SetAdmin(ctx, a, p, false) },
		} {
			if err := act(); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s by a secretary: %v", action, err)
			}
			entries, err := s.AuditEntries(ctx, h.Org.ID, audit.Filter{Action: action, Limit: 5})
			if err != nil || len(entries) != 1 || entries[0].Outcome != audit.Refused || entries[0].Actor != a.Professional {
				t.Errorf("%s on record: %+v, %v", action, entries, err)
			}
		}
	})
}

func TestANewPasswordEndsSessions(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		h, accounts, _ := withAccount(t, s)
		a := administrator(t, h, accounts)
		const login = "solene@medecin.mssante.example"
		here, chair, err := accounts.SignIn(ctx, login, password, "")
		if err != nil {
			t.Fatal(err)
		}
		there, _, err := accounts.SignIn(ctx, login, password, "")
		if err != nil {
			t.Fatal(err)
		}
		if err := accounts.ChangePassword(ctx, chair, here, "faux", newPassword); !fault.Is(err, fault.Invalid) {
			t.Errorf("without the old password: %v", err)
		}
		if err := accounts.ChangePassword(ctx, chair, here, password, "court"); !fault.Is(err, fault.Invalid) {
			t.Errorf("a short one: %v", err)
		}
		if err := accounts.ChangePassword(ctx, chair, here, password, newPassword); err != nil {
			t.Fatalf("change: %v", err)
		}
		if _, err := accounts.Session(ctx, here, ""); err != nil {
			t.Errorf("the session that changed it ended: %v", err)
		}
		if _, err := accounts.Session(ctx, there, ""); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("another session goes on: %v", err)
		}
		for range auth.MaxFailures {
			if _, _, err := accounts.SignIn(ctx, login, password, ""); err == nil {
				t.Fatal("the old password signs in")
			}
		}
		made, err := accounts.SetPassword(ctx, a, h.Chair.Professional, "")
		if err != nil || made == "" {
			t.Fatalf("set: %q, %v", made, err)
		}
		if _, err := accounts.Session(ctx, here, ""); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("a session outlives the administrator's password: %v", err)
		}
		if _, _, err := accounts.SignIn(ctx, login, made, ""); err != nil {
			t.Errorf("locked out with the new password: %v", err)
		}
		if _, err := accounts.SetPassword(ctx, a, a.Professional, newPassword); !fault.Is(err, fault.Forbidden) {
			t.Errorf("one's own without the old one: %v", err)
		}
	})
}

func TestADisabledAccountOpensNothingUntilItIsEnabled(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		h, accounts, _ := withAccount(t, s)
		a := administrator(t, h, accounts)
		const login = "solene@medecin.mssante.example"
		session, chair, err := accounts.SignIn(ctx, login, password, "")
		if err != nil {
			t.Fatal(err)
		}
		token, err := accounts.NewToken(ctx, chair, chair.Professional, "essai")
		if err != nil {
			t.Fatal(err)
		}
		if err := accounts.Disable(ctx, a, chair.Professional); err != nil {
			t.Fatalf("disable: %v", err)
		}
		if err := accounts.SetLang(ctx, chair, "en"); err != nil {
			t.Fatal(err)
		}
		if access(t, accounts, a, chair.Professional).Active() {
			t.Error("another change of the account enabled it")
		}
		if _, _, err := accounts.SignIn(ctx, login, password, ""); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("signs in while disabled: %v", err)
		}
		if err := accounts.Enable(ctx, a, chair.Professional); err != nil {
			t.Fatalf("enable: %v", err)
		}
		if _, err := accounts.Session(ctx, session, ""); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("an ended session is back: %v", err)
		}
		if _, err := accounts.Bearer(ctx, token, ""); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("a revoked token is back: %v", err)
		}
		if _, _, err := accounts.SignIn(ctx, login, password, ""); err != nil {
			t.Errorf("sign in once enabled: %v", err)
		}
	})
}

func TestThereIsAlwaysAnAdministrator(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		h, accounts, _ := withAccount(t, s)
		a, chair := administrator(t, h, accounts), h.Chair
		for name, err := range map[string]error{
			"disable oneself":  accounts.Disable(ctx, a, a.Professional),
			"unmake oneself":   accounts.SetAdmin(ctx, a, a.Professional, false),
			"disable the last": accounts.Disable(ctx, h.System, a.Professional),
			"unmake the last":  accounts.SetAdmin(ctx, h.System, a.Professional, false),
		} {
			if !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := accounts.SetAdmin(ctx, a, chair.Professional, true); err != nil {
			t.Fatalf("make: %v", err)
		}
		chair.Admin = true
		var both sync.WaitGroup
		errs := make([]error, 2)
		both.Go(func() { errs[0] = accounts.Disable(ctx, a, chair.Professional) })
		both.Go(func() { errs[1] = accounts.SetAdmin(ctx, chair, a.Professional, false) })
		both.Wait()
		if fault.Is(errs[0], fault.Forbidden) == fault.Is(errs[1], fault.Forbidden) {
			t.Errorf("each removes the other: %v and %v", errs[0], errs[1])
		}
		left := 0
		all, err := accounts.Accounts(ctx, h.System)
		for _, x := range all {
			if x.Admin && x.Active() {
				left++
			}
		}
		if err != nil || left != 1 {
			t.Errorf("%d administrators left, %v", left, err)
		}
	})
}

func TestTokensAreListedAndRevokedByTheirOwner(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		h, accounts, now := withAccount(t, s)
		a := administrator(t, h, accounts)
		token, err := accounts.NewToken(ctx, h.Chair, h.Chair.Professional, "tableau de bord")
		if err != nil {
			t.Fatal(err)
		}
		*now = now.Add(time.Minute)
		if _, err := accounts.NewToken(ctx, h.Chair, h.Chair.Professional, "export"); err != nil {
			t.Fatal(err)
		}
		if _, err := accounts.NewToken(ctx, a, h.Chair.Professional, "vol"); !fault.Is(err, fault.Forbidden) {
			t.Errorf("an administrator acts as the chair: %v", err)
		}
		tokens, err := accounts.Tokens(ctx, h.Chair)
		if err != nil || len(tokens) != 2 || tokens[0].Name != "export" || tokens[1].Name != "tableau de bord" {
			t.Fatalf("tokens: %+v, %v", tokens, err)
		}
		if err := accounts.RevokeToken(ctx, a, tokens[1].Hash); !fault.Is(err, fault.NotFound) {
			t.Errorf("revoked by somebody else: %v", err)
		}
		if err := accounts.RevokeToken(ctx, h.Chair, tokens[1].Hash); err != nil {
			t.Fatalf("revoke: %v", err)
		}
		if err := accounts.RevokeToken(ctx, h.Chair, tokens[1].Hash); !fault.Is(err, fault.NotFound) {
			t.Errorf("revoked twice: %v", err)
		}
		if _, err := accounts.Bearer(ctx, token, ""); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("a revoked token works: %v", err)
		}
		if left, err := accounts.Tokens(ctx, h.Chair); err != nil || len(left) != 1 {
			t.Errorf("%d tokens left, %v", len(left), err)
		}
	})
}
