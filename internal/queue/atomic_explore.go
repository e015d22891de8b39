//go:build explore

package queue

import "github.com/forebay-go/forebay/internal/explore"

type (
	atomicUint64 = explore.Uint64
	mutex        = explore.Mutex
)

// Start is NewRing with start, an even number, as the first position: internal/verify lets
// positions wrap around.
func Start[E any](capacity int, start uint64) *Ring[E] {
	r := new(Ring[E])
	r.init(capacity, start)
	return r
}
