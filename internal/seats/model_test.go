package seats_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/forebay-go/forebay/internal/seats"
)

var seed = flag.Uint64("seed", 0, "of TestModel: run this program only")

// TestModel runs random operations on nested seats and on a naive model of them, and compares
// who has seats, who is in line, and who was granted seats in which order.
func TestModel(t *testing.T) {
	if *seed != 0 {
		runModel(t, *seed)
		return
	}
	n := 1000
	if testing.Short() {
		n = 100
	}
	for range n {
		if s := rand.Uint64(); !runModel(t, s) {
			t.Fatalf("go test ./internal/seats -run Model -seed %d", s)
		}
	}
}

// A place is one Seats of the model; what it counts is counted anew each time.
type place struct {
	real    *seats.Seats
	outside []*place // from the innermost to the outermost, with itself
	limit   int
	line    [3][]*guest
}

// A guest is one waiter of the model. It has the first has of its places.
type guest struct {
	id    int
	real  *seats.Waiter
	at    []*place
	has   int
	rank  int
	state string // "", "line", "seated", "started", "quit"
	held  bool
}

type model struct {
	rng     *rand.Rand
	places  []*place // the outermost first
	guests  []*guest
	granted []int // by the model
	real    []int // by the seats
}

func runModel(t *testing.T, seed uint64) bool {
	m := &model{rng: rand.New(rand.NewPCG(seed, 0))}
	for i, parent := range []int{-1, 0, 1, 0} { // root, a view, a view of it, another view
		var outer *seats.Seats
		p := &place{limit: 1 + m.rng.IntN(4)}
		p.outside = []*place{p}
		if parent >= 0 {
			outer = m.places[parent].real
			p.outside = append(p.outside, m.places[parent].outside...)
		}
		if i > 0 && m.rng.IntN(5) == 0 {
			p.limit = -1
		}
		p.real = seats.New(p.limit, outer)
		m.places = append(m.places, p)
	}
	for i := range 80 {
		what := m.step()
		diff := m.compare()
		if strings.Contains(what, "WRONG") {
			diff = "a wrong answer"
		}
		if diff != "" {
			t.Errorf("seed %d, step %d, %s: %s", seed, i, what, diff)
			return false
		}
	}
	return true
}

func (p *place) taken(m *model) (n, started int) {
	for _, g := range m.guests {
		if i := slices.Index(g.at, p); i >= 0 && i < g.has {
			n++
			if g.state == "started" || g.rank == 0 {
				started++
			}
		}
	}
	return n, started
}

func (p *place) free(m *model, rank int) bool {
	for r := range rank + 1 {
		if len(p.line[r]) > 0 {
			return false
		}
	}
	n, _ := p.taken(m)
	return p.limit < 0 || n < p.limit
}

// proceed takes seats for g until one is missing.
func (m *model) proceed(g *guest) {
	for g.has < len(g.at) {
		p := g.at[g.has]
		if !p.free(m, g.rank) {
			p.line[g.rank] = append(p.line[g.rank], g)
			g.state = "line"
			return
		}
		g.has++
	}
	g.state = "seated"
	if g.rank == 0 {
		g.state = "started"
	}
}

// settle lets in whoever can be, from the outermost line to the innermost.
func (m *model) settle() {
	for _, p := range m.places {
		for r := 0; r < len(p.line); {
			if n, _ := p.taken(m); p.limit >= 0 && n >= p.limit {
				break
			}
			if len(p.line[r]) == 0 {
				r++
				continue
			}
			g := p.line[r][0]
			p.line[r] = p.line[r][1:]
			g.has++
			if m.proceed(g); g.state != "line" {
				m.granted = append(m.granted, g.id)
			}
		}
	}
}

func (m *model) leaveLine(g *guest) {
	p := g.at[g.has]
	p.line[g.rank] = slices.DeleteFunc(p.line[g.rank], func(o *guest) bool { return o == g })
}

func (g *guest) mayStart(m *model) bool {
	for _, p := range g.at {
		_, started := p.taken(m)
		if p.limit >= 0 && started >= p.limit || g.rank == 2 && len(p.line[1]) > 0 {
			return false
		}
	}
	return true
}

func (m *model) step() string {
	if len(m.guests) == 0 || m.rng.IntN(3) == 0 {
		return m.arrive()
	}
	g := m.guests[m.rng.IntN(len(m.guests))]
	switch k := m.rng.IntN(10); {
	case k == 0:
		p := m.places[m.rng.IntN(len(m.places))]
		p.limit = m.rng.IntN(5)
		p.real.Resize(p.limit)
		m.settle()
		return fmt.Sprint("Resize to ", p.limit)
	case k <= 3 && g.rank != 0:
		stood, was := g.real.Quit(), g.state
		if was == "line" {
			m.leaveLine(g)
		}
		g.has, g.state = 0, "quit"
		m.settle()
		return fmt.Sprintf("Quit of %d, %q, says %t %s", g.id, was, stood, wrong(stood != (was == "line")))
	case k <= 6 && g.rank != 0:
		return m.start(g)
	default:
		if g.state != "started" {
			return "nothing"
		}
		g.at[0].real.Give()
		g.has, g.state = 0, "quit"
		g.rank = 2
		g.real = g.at[0].real.NewWaiter(nil, nil) // as the task is over
		g.real.Quit()
		m.settle()
		return fmt.Sprint("Give of ", g.id)
	}
}

func wrong(is bool) string {
	if is {
		return "WRONG"
	}
	return ""
}

func (m *model) arrive() string {
	p := m.places[m.rng.IntN(len(m.places))]
	g := &guest{id: len(m.guests), at: p.outside, rank: 2}
	grant := func() { m.real = append(m.real, g.id) }
	m.guests = append(m.guests, g)
	if m.rng.IntN(4) == 0 {
		g.rank = 0
		g.real = p.real.NewReturner(grant)
	} else {
		g.real = p.real.NewWaiter(g.id, grant)
	}
	var in bool
	switch m.rng.IntN(3) {
	case 0:
		in = g.real.TryEnter()
		for _, o := range g.at {
			if !o.free(m, g.rank) {
				g.state = "quit" // has never asked: it does not count
				g.real.Quit()
				return fmt.Sprint("TryEnter in vain ", wrong(in))
			}
		}
	case 1:
		in = g.real.Enter()
	default:
		in, _ = g.real.Hold(0)
		g.held = true
	}
	m.proceed(g)
	return fmt.Sprintf("%d of rank %d enters: %t %s", g.id, g.rank, in, wrong(in == (g.state == "line")))
}

func (m *model) start(g *guest) string {
	if g.state == "" || g.state == "line" {
		return "nothing"
	}
	back := m.rng.IntN(2) == 0
	var ok bool
	if back {
		ok = g.real.Start()
	} else {
		ok = g.real.TryStart()
	}
	wantOK := true
	if g.state == "seated" && !g.mayStart(m) {
		wantOK = false
		if back {
			g.has, g.rank = 0, 1
			m.settle()
			m.proceed(g)
			wantOK = g.state == "seated"
		}
	}
	if wantOK && g.state == "seated" {
		g.state = "started"
	}
	return fmt.Sprintf("start of %d, sent back %t: %t %s", g.id, back, ok, wrong(ok != wantOK))
}

// compare returns what is different.
func (m *model) compare() string {
	if !slices.Equal(m.granted, m.real) {
		return fmt.Sprintf("granted: got %v, want %v", m.real, m.granted)
	}
	for i, p := range m.places {
		n, started := p.taken(m)
		want := seats.Count{Taken: n, Started: started}
		oldest := any(nil)
		for _, line := range p.line {
			want.InLine += len(line)
		}
		for _, g := range p.line[2] {
			if g.held {
				if want.Held++; oldest == nil {
					oldest = g.id
				}
			}
		}
		if got := p.real.Count(); got != want {
			return fmt.Sprintf("place %d: got %+v, want %+v", i, got, want)
		}
		if got := p.real.Oldest(); got != oldest && oldest != nil {
			return fmt.Sprintf("place %d, oldest: got %v, want %v", i, got, oldest)
		}
		if law := p.real.Broken(false); law != "" {
			return fmt.Sprintf("place %d breaks %s", i, law)
		}
	}
	for _, g := range m.guests {
		if got := g.real.Seated(); g.state != "quit" && got != (g.state != "line" && g.state != "") {
			return fmt.Sprintf("guest %d, %q: Seated says %t", g.id, g.state, got)
		}
	}
	return ""
}
