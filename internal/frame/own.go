package frame

import "context"

type (
	frameKey  struct{}
	valuesKey struct{}
)

// Own is a frame with something around it that the task's function gets too: a timeout, or
// the values of the worker that runs it.
type Own struct {
	context.Context                 // the frame, or a context derived from it
	Frame           *Frame          // the frame
	Values          context.Context // the worker's, or nil
}

// Value implements context.Context. The worker's values come before the submitter's, which
// may be those of the worker that ran the submitter. A value that is itself a context is
// never a worker's: package context looks for its own contexts that way.
func (o *Own) Value(key any) any {
	switch key.(type) {
	case frameKey:
		return o.Frame
	case valuesKey:
		return o.Values
	}
	if o.Values != nil {
		switch v := o.Values.Value(key).(type) {
		case nil, context.Context:
		default:
			return v
		}
	}
	return o.Context.Value(key)
}

// From returns the frame of the task that ctx belongs to, or nil. own tells whether ctx
// ends no sooner than the task's own context.
func From(ctx context.Context) (f *Frame, own bool) {
	switch c := ctx.(type) {
	case *Frame:
		return c, true
	case *Link:
		return c.Frame(), true
	case *Own:
		return c.Frame, true
	}
	f, _ = ctx.Value(frameKey{}).(*Frame)
	if f == nil {
		return nil, false
	}
	done := ctx.Done()
	return f, done == nil || done == f.Done()
}

// Values returns the values of the worker that runs the task that ctx belongs to, or nil.
func Values(ctx context.Context) context.Context {
	v, _ := ctx.Value(valuesKey{}).(context.Context)
	return v
}
