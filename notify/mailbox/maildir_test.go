package mailbox

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestAMaildirIsMadeForItsOwnerAlone(t *testing.T) {
	t.Parallel()
	b := maildirBed(t)
	b.open(t)
	for _, sub := range []string{"", "new", "cur", "tmp", ".RCP.Traites/cur", ".RCP.A-voir/cur"} {
		info, err := os.Stat(filepath.Join(b.inbox, sub))
		if err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%q: %v, %v; want a folder of mode 0700", sub, info, err)
		}
	}
}

func TestOnlyRegularFilesOfNewAndCurAreRead(t *testing.T) {
	t.Parallel()
	b := maildirBed(t)
	box := b.open(t)
	at := func(name string) string { return filepath.Join(b.inbox, name) }
	secret := filepath.Join(t.TempDir(), "secret")
	err := errors.Join(
		os.WriteFile(secret, mail(9), 0o600),
		os.Symlink(secret, at("new/link")),
		os.WriteFile(at("tmp/half"), mail(9), 0o600),
		os.WriteFile(at("new/.hidden"), mail(9), 0o600),
		os.Mkdir(at("cur/folder"), 0o700),
		syscall.Mkfifo(at("new/pipe"), 0o600),
		os.WriteFile(at("cur/trash:2,ST"), mail(9), 0o600),
		os.WriteFile(at("cur/read:2,RS"), mail(0), 0o600),
	)
	if err != nil {
		t.Fatal(err)
	}
	r := &record{}
	poll(t, box, r.handle, 1, false)
	poll(t, box, r.handle, 0, false)
	if done := glob(t, b.inbox, ".RCP.Traites/cur/*"); len(done) != 1 || filepath.Base(done[0]) != "read:2,RS" {
		t.Errorf("done is %q, want the one with its flags", done)
	}
}

func TestAMessageTakesNoOthersName(t *testing.T) {
	t.Parallel()
	b := maildirBed(t)
	box := b.open(t)
	at := func(name string) string { return filepath.Join(b.inbox, name) }
	if err := errors.Join(os.WriteFile(at("new/same"), mail(0), 0o600), os.WriteFile(at(".RCP.Traites/cur/same:2,S"), mail(2), 0o600)); err != nil {
		t.Fatal(err)
	}
	poll(t, box, (&record{}).handle, 1, false)
	if done := b.count(t, string(Done)); done[0] != 1 || done[2] != 1 {
		t.Errorf("done holds %v, want both", done)
	}
}

func TestAMoveThatACrashCutIsEnded(t *testing.T) {
	t.Parallel()
	b := maildirBed(t)
	b.deliverMany(t, 1)
	box := b.open(t)
	waiting := glob(t, b.inbox, "new/*")
	// The crash came between the link and the removal.
	if err := os.Link(waiting[0], filepath.Join(b.inbox, ".RCP.Traites/cur", filepath.Base(waiting[0])+":2,S")); err != nil {
		t.Fatal(err)
	}
	poll(t, box, (&record{}).handle, 1, false)
	b.wantFolders(t, 1)
}

func TestAMessageThatAReaderRenamesIsStillMoved(t *testing.T) {
	t.Parallel()
	b := maildirBed(t)
	b.deliverMany(t, 2)
	box := b.open(t)
	r := &record{first: func(m Message, _ int) error {
		if numberOf(m.Raw) == 0 {
			b.flag(t, 0, "S") // while it is handled
			b.flag(t, 1, "S") // before it is read
		}
		return nil
	}}
	if _, err := box.Poll(t.Context(), r.handle); err != nil {
		t.Fatal(err)
	}
	poll(t, box, r.handle, 1, false)
	b.wantFolders(t, 2)
}

func TestAMaildirThatHasGoneIsAnError(t *testing.T) {
	t.Parallel()
	b := maildirBed(t)
	box := b.open(t)
	if err := os.RemoveAll(b.inbox); err != nil {
		t.Fatal(err)
	}
	poll(t, box, func(context.Context, Message) (Folder, error) { return Done, nil }, 0, true)
	if err := box.Wait(t.Context(), 0); err == nil {
		t.Error("Wait found nothing wrong")
	}
}
