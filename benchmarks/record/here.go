package record

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Here returns a file that describes this machine, this build and the command: program with
// the flags that are set, without those that are paths of this machine.
func Here(program string, paths ...string) *File {
	f := &File{
		Date: time.Now().UTC().Format(time.RFC3339), Commit: "unknown", Go: runtime.Version(),
		Platform: runtime.GOOS + "/" + runtime.GOARCH, CPU: cpu(), NumCPU: runtime.NumCPU(),
		GOMAXPROCS: runtime.GOMAXPROCS(0), Command: program,
	}
	flag.Visit(func(fl *flag.Flag) {
		if !slices.Contains(paths, fl.Name) {
			f.Command += fmt.Sprintf(" -%s '%s'", fl.Name, fl.Value)
		}
	})
	if hash, err := exec.Command("git", "rev-parse", "--short=12", "HEAD").Output(); err == nil {
		f.Commit = strings.TrimSpace(string(hash))
		changes, err := exec.Command("git", "--no-optional-locks", "status", "--porcelain", "--untracked-files=no", ":/").Output()
		f.Dirty = err != nil || len(changes) > 0
	}
	return f
}

// cpu is the processor's name, where the system says it.
func cpu() string {
	data, err := os.ReadFile("/proc/cpuinfo")
	if err == nil {
		for line := range strings.Lines(string(data)) {
			if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
				return strings.TrimSpace(value)
			}
		}
	}
	return runtime.GOARCH
}
