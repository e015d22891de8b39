package explore

import (
	"fmt"
	"path"
	"runtime"
	"strconv"
	"strings"
)

// formatSchedule writes thread numbers, with how often in a row: 0*3 1*12 0.
func formatSchedule(list []uint8) string {
	var s []string
	for i := 0; i < len(list); {
		n := 1
		for i+n < len(list) && list[i+n] == list[i] {
			n++
		}
		if n == 1 {
			s = append(s, strconv.Itoa(int(list[i])))
		} else {
			s = append(s, fmt.Sprintf("%d*%d", list[i], n))
		}
		i += n
	}
	return strings.Join(s, " ")
}

func parseSchedule(s string) (list []uint8, _ error) {
	for _, f := range strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == ',' }) {
		id, times, repeated := strings.Cut(f, "*")
		thread, err := strconv.ParseUint(id, 10, 8)
		n := uint64(1)
		if err == nil && repeated {
			n, err = strconv.ParseUint(times, 10, 20)
		}
		if err != nil {
			return nil, fmt.Errorf("explore: schedule %q: %w", s, err)
		}
		for range n {
			list = append(list, uint8(thread))
		}
	}
	return list, nil
}

func (r *Run) tracing() bool { return r != nil && r.replaying }

// note writes a line of the trace: what the current thread has done.
func (r *Run) note(what ...any) {
	if r.tracing() {
		fmt.Fprintf(&r.trace, "%5d  %d %-10s %-40s %s\n", len(r.taken), r.current.id, r.current.name,
			caller(), fmt.Sprint(what...))
	}
}

// Notef writes a line of the program's own into the trace.
func (r *Run) Notef(format string, args ...any) {
	if r.tracing() {
		r.note(fmt.Sprintf(format, args...))
	}
}

// caller is the function and line that the operation is on: the first outside of this package.
func caller() string {
	var pcs [16]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for {
		f, more := frames.Next()
		name := path.Base(f.Function)
		if !more || !strings.HasPrefix(name, "explore.") && !strings.Contains(f.Function, "sync.") {
			name = strings.ReplaceAll(name, "[...]", "")
			return fmt.Sprintf("%s:%d %s", path.Base(f.File), f.Line, name)
		}
	}
}
