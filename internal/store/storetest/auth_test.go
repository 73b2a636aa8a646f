package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/store"
)

const password = "douze caractères"

func withAccount(t *testing.T, s *store.Store) (House, *auth.Service, *time.Time) {
	t.Helper()
	h, now := NewHouse(t, s), Now
	accounts, err := auth.NewService(s, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	err = accounts.CreateAccount(context.Background(), h.System, h.Chair.Professional, "Solene@medecin.mssante.example", password, false)
	if err != nil {
		t.Fatalf("create account: %v", err)
	}
	return h, accounts, &now
}

func TestSignInOpensASessionThatKnowsTheRoles(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		h, accounts, now := withAccount(t, s)
		token, _, err := accounts.SignIn(ctx, " solene@MEDECIN.mssante.example", password, "192.0.2.1")
		if err != nil {
			t.Fatalf("sign in: %v", err)
		}
		a, err := accounts.Session(ctx, token, "192.0.2.1")
		if err != nil || a.Teams[h.Team.ID] != auth.Chair || a.Name != "Dr Solène Varennes" {
			t.Fatalf("session: %+v, %v", a, err)
		}
		*now = now.Add(11 * time.Hour)
		if _, err := accounts.Session(ctx, token, ""); err != nil {
			t.Errorf("a used session ended: %v", err)
		}
		*now = now.Add(11 * time.Hour)
		if _, err := accounts.Session(ctx, token, ""); err != nil {
			t.Errorf("using a session did not keep it open: %v", err)
		}
		*now = now.Add(13 * time.Hour)
		if _, err := accounts.Session(ctx, token, ""); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("an idle session still holds: %v", err)
		}
	})
}

func TestSignOutEndsTheSession(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		_, accounts, _ := withAccount(t, s)
		token, a, err := accounts.SignIn(ctx, "solene@medecin.mssante.example", password, "")
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := accounts.SignOut(ctx, a, token); err != nil {
				t.Errorf("sign out: %v", err)
			}
		}
		if _, err := accounts.Session(ctx, token, ""); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("after sign out: %v", err)
		}
	})
}

func TestSignInIsLimitedPerLoginAndSaysHowManyTriesAreLeft(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		h, accounts, now := withAccount(t, s)
		for i := range auth.MaxFailures {
			_, _, err := accounts.SignIn(ctx, "solene@medecin.mssante.example", "faux", "192.0.2.1")
			want := fault.Unauthenticated
			if i == auth.MaxFailures-1 {
				want = fault.Limited
			}
			if !fault.Is(err, want) {
				t.Errorf("try %d: %v, want %s", i+1, err, want)
			}
		}
		if _, _, err := accounts.SignIn(ctx, "solene@medecin.mssante.example", password, "192.0.2.9"); !fault.Is(err, fault.Limited) {
			t.Errorf("the right password passes the limit: %v", err)
		}
		if _, _, err := accounts.SignIn(ctx, "inconnu@clinique.example", password, "192.0.2.1"); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("an unknown login: %v", err)
		}
		*now = now.Add(16 * time.Minute)
		if _, _, err := accounts.SignIn(ctx, "solene@medecin.mssante.example", password, "192.0.2.1"); err != nil {
			t.Errorf("after a quarter of an hour: %v", err)
		}
		entries, err := s.AuditEntries(ctx, h.Org.ID, audit.Filter{Action: "account.sign-in", Limit: 50})
		refused := 0
		for _, e := range entries {
			if e.Outcome == audit.Refused {
				refused++
			}
		}
		if err != nil || refused != auth.MaxFailures {
			t.Errorf("%d refusals on record, %v; want %d", refused, err, auth.MaxFailures)
		}
	})
}

func TestTokensAndConfirmation(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		h, accounts, _ := withAccount(t, s)
		token, err := accounts.NewToken(ctx, h.Chair, h.Chair.Professional, "essai")
		if err != nil {
			t.Fatal(err)
		}
		if a, err := accounts.Bearer(ctx, token, ""); err != nil || a.Professional != h.Chair.Professional {
			t.Errorf("bearer: %+v, %v", a, err)
		}
		if _, err := accounts.Bearer(ctx, token+"x", ""); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("a wrong token: %v", err)
		}
		if _, err := accounts.NewToken(ctx, h.Clinician, h.Chair.Professional, "vol"); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a token for somebody else: %v", err)
		}
		if err := accounts.Confirm(ctx, h.Chair, "faux"); !fault.Is(err, fault.Invalid) || len(fault.Fields(err)) != 1 {
			t.Errorf("a wrong password confirms: %v", err)
		}
		if err := accounts.Confirm(ctx, h.Chair, password); err != nil {
			t.Errorf("confirm: %v", err)
		}
	})
}

func TestAccountsAskForALongPasswordAndAnAdministrator(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		h, accounts, _ := withAccount(t, s)
		err := accounts.CreateAccount(ctx, h.System, h.Clinician.Professional, "sans arobase", "court", false)
		if !fault.Is(err, fault.Invalid) || len(fault.Fields(err)) != 2 {
			t.Errorf("want both fields refused: %v", err)
		}
		err = accounts.CreateAccount(ctx, h.Secretary, h.Clinician.Professional, "a@b.example", password, true)
		if !fault.Is(err, fault.Forbidden) {
			t.Errorf("a secretary makes an administrator: %v", err)
		}
	})
}
