package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

// samples makes n sample images in a new folder and returns their paths.
func samples(t *testing.T, n int) (paths []string) {
	t.Helper()
	dir := t.TempDir()
	for i := range n {
		if err := makeSample(dir, i); err != nil {
			t.Fatal(err)
		}
	}
	paths, err := images(dir)
	if err != nil || len(paths) != n {
		t.Fatalf("%d samples, error %v; want %d", len(paths), err, n)
	}
	return paths
}

// All tasks that the budget lets start are held, so that what they weigh together can be looked at,
// and then one of them is let go.
func TestBudgetIsNeverExceeded(t *testing.T) {
	files := samples(t, 12)
	var largest, all int64
	for _, file := range files {
		pic, err := look(file)
		if err != nil {
			t.Fatal(err)
		}
		largest, all = max(largest, pic.size), all+pic.size
	}
	for _, budget := range []int64{largest, 2 * largest, all} {
		synctest.Test(t, func(t *testing.T) {
			cfg := config{workers: len(files), budget: budget}
			var used atomic.Int64
			next := make(chan struct{})
			task := func(_ context.Context, p picture) (thumb, error) {
				used.Add(p.size)
				<-next
				used.Add(-p.size)
				return thumb{path: p.path}, nil
			}
			var done []thumb
			var err error
			go func() { done, err = makeThumbs(t.Context(), cfg, files, task) }()

			var peak int64
			for range files {
				synctest.Wait()
				if now := used.Load(); now > budget {
					t.Errorf("%d bytes are used, with a budget of %d", now, budget)
				}
				peak = max(peak, used.Load())
				next <- struct{}{}
			}
			synctest.Wait()
			if err != nil || len(done) != len(files) {
				t.Errorf("budget %d: %d pictures done, error %v; want %d", budget, len(done), err, len(files))
			}
			if peak < budget-largest {
				t.Errorf("budget %d: never more than %d used, though each image wants at most %d", budget, peak, largest)
			}
		})
	}
}

func TestOverBudgetAndUnreadableAreSkipped(t *testing.T) {
	files := samples(t, 3)
	dir := filepath.Dir(files[0])
	text, cut := filepath.Join(dir, "text.png"), filepath.Join(dir, "cut.jpg")
	jpg, err := os.ReadFile(files[1])
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{text: []byte("no image"), cut: jpg[:len(jpg)/2]} {
		if err := os.WriteFile(name, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	gone := filepath.Join(dir, "gone.gif")
	cfg := config{workers: 2, side: 64, budget: 597 * 413 * 4, output: t.TempDir()}
	done, err := makeThumbs(t.Context(), cfg, []string{text, files[0], cut, gone, files[2], files[1]}, cfg.thumbnail)
	if err != nil || len(done) != 6 {
		t.Fatalf("%d results, error %v", len(done), err)
	}
	for i, says := range []string{"unknown format", "", "cut.jpg", "gone.gif", "2.6 MiB decoded, more than the budget", ""} {
		skipped := done[i].skipped
		if (says == "") != (skipped == nil) || skipped != nil && (!strings.Contains(skipped.Error(), says) || !strings.Contains(skipped.Error(), dir)) {
			t.Errorf("%s: skipped because of %v, want %q", done[i].path, skipped, says)
		}
	}
}

func TestThumbnailThatCannotBeWritten(t *testing.T) {
	cfg := config{workers: 2, side: 64, budget: 1 << 30, output: filepath.Join(t.TempDir(), "missing")}
	if _, err := makeThumbs(t.Context(), cfg, samples(t, 3), cfg.thumbnail); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v, want %v", err, os.ErrNotExist)
	}
}

// An interrupt ends the wait for the budget, and nothing new is begun.
func TestCancelWhileTheBudgetIsUsedUp(t *testing.T) {
	files := samples(t, 6)
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		cfg := config{workers: 4, side: 64, budget: 3 << 20, output: t.TempDir()}
		var begun atomic.Int64
		var err error
		go func() {
			_, err = makeThumbs(ctx, cfg, files, func(ctx context.Context, _ picture) (thumb, error) {
				begun.Add(1)
				<-ctx.Done()
				return thumb{}, context.Cause(ctx)
			})
		}()
		synctest.Wait()
		was := begun.Load()
		stop := fmt.Errorf("enough")
		cancel(stop)
		synctest.Wait()
		if !errors.Is(err, stop) || begun.Load() != was || was == 0 || was == int64(len(files)) {
			t.Errorf("error %v; %d tasks begun before and %d after", err, was, begun.Load())
		}
	})
}
