package storetest

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/internal/testenv"
)

func TestMain(m *testing.M) { testenv.Main(m) }

func TestAuditIsOneChainUnderConcurrency(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		org, actor := Org(t, s)
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				if err := s.Audit(ctx, actor.Change(Now, "patient.read", "patient", fmt.Sprint(i))); err != nil {
					t.Errorf("audit: %v", err)
				}
			})
		}
		wg.Wait()
		all, err := s.AuditEntries(ctx, org.ID, audit.Filter{Limit: 100})
		if err != nil || len(all) != 20 || all[0].Seq != 20 {
			t.Fatalf("entries: %d, %v", len(all), err)
		}
		if bad, err := s.VerifyAudit(ctx, org.ID); err != nil || bad != 0 {
			t.Errorf("chain broken at %d, %v", bad, err)
		}
	})
}
