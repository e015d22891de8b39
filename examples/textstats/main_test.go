package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// tree makes a folder with these files in it; a name may have folders in front.
func tree(t testing.TB, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// textstats runs the program.
func textstats(ctx context.Context, args ...string) (status int, stdout, stderr string) {
	var out, errs bytes.Buffer
	status = run(ctx, args, &out, &errs)
	return status, out.String(), errs.String()
}

// count runs one engine on a folder, with nobody watching.
func count(t *testing.T, e engine, root string) result {
	t.Helper()
	res, _, err := e.run(t.Context(), config{root: root, workers: 4}, &console{quiet: true})
	if err != nil {
		t.Fatalf("%s: %v", e.name, err)
	}
	return res
}
