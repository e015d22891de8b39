package future_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/forebay-go/forebay/future"
)

// waitError returns the error of a wait whose ctx ended with cause.
func waitError(t *testing.T, cause error) error {
	t.Helper()
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(cause)
	_, err := future.NewPromise[int]().Future().Await(ctx)
	return err
}

// cancelError returns the error of a future canceled with cause.
func cancelError(t *testing.T, cause error) error {
	t.Helper()
	f := future.NewPromise[int]().Future()
	f.Cancel(cause)
	_, err := f.Await(t.Context())
	return err
}

func TestErrors_Is(t *testing.T) {
	expired, cancel := context.WithTimeout(context.Background(), -time.Second)
	defer cancel()
	_, deadline := future.NewPromise[int]().Future().Await(expired)
	code := &codeError{7}

	sentinels := []error{
		future.ErrNotReady, future.ErrCanceled, future.ErrGoexit, future.ErrAbandoned, future.ErrNoFutures,
		context.Canceled, context.DeadlineExceeded, errBoom, code,
	}
	for _, tt := range []struct {
		name string
		err  error
		is   []error
	}{
		{"wait, cause", waitError(t, errBoom), []error{future.ErrNotReady, context.Canceled, errBoom}},
		{"wait, no cause", waitError(t, nil), []error{future.ErrNotReady, context.Canceled}},
		{"wait, deadline", deadline, []error{future.ErrNotReady, context.DeadlineExceeded}},
		{"wait, cause is a cancel", waitError(t, cancelError(t, errBoom)), []error{future.ErrNotReady, context.Canceled, errBoom}},
		{"wait, cause is ErrCanceled", waitError(t, future.ErrCanceled), []error{future.ErrNotReady, context.Canceled}},
		{"wait, cause wraps ErrCanceled", waitError(t, fmt.Errorf("x: %w", future.ErrCanceled)), []error{future.ErrNotReady, context.Canceled}},
		{"cancel, cause", cancelError(t, errBoom), []error{future.ErrCanceled, context.Canceled, errBoom}},
		{"cancel, no cause", cancelError(t, nil), []error{future.ErrCanceled, context.Canceled}},
		{"cancel, deadline", cancelError(t, context.DeadlineExceeded), []error{future.ErrCanceled, context.Canceled, context.DeadlineExceeded}},
		{"cancel, cause is a wait", cancelError(t, waitError(t, errBoom)), []error{future.ErrCanceled, context.Canceled, errBoom}},
		{"cancel, cause is ErrNotReady", cancelError(t, future.ErrNotReady), []error{future.ErrCanceled, context.Canceled}},
		{"panic with an error", &future.PanicError{Value: errBoom}, []error{errBoom}},
		{"panic with no error", &future.PanicError{Value: "boom"}, nil},
		{"index", &future.IndexError{Index: 3, Err: errBoom}, []error{errBoom}},
		{"index of a wait", &future.IndexError{Err: waitError(t, code)}, []error{future.ErrNotReady, context.Canceled, code}},
	} {
		for _, s := range sentinels {
			want := false
			for _, is := range tt.is {
				want = want || is == s
			}
			if got := errors.Is(tt.err, s); got != want {
				t.Errorf("%s: errors.Is(%q, %q) = %t, want %t", tt.name, tt.err, s, got, want)
			}
		}
	}
}

func TestErrors_As(t *testing.T) {
	code := &codeError{7}
	for _, tt := range []struct {
		name string
		err  error
	}{
		{"wait", waitError(t, code)},
		{"wait for a cancel", waitError(t, cancelError(t, code))},
		{"cancel", cancelError(t, code)},
		{"panic", &future.PanicError{Value: code}},
		{"index", &future.IndexError{Index: 3, Err: code}},
	} {
		if got := new(codeError); !errors.As(tt.err, &got) || got != code {
			t.Errorf("%s: errors.As(%q, *codeError) found %v, want %v", tt.name, tt.err, got, code)
		}
	}

	var we *future.WaitError
	if err := waitError(t, errBoom); !errors.As(err, &we) || we.Err != context.Canceled || we.Cause != errBoom {
		t.Errorf("errors.As(%q, *WaitError) found %+v, want Err %v and Cause %v", err, we, context.Canceled, errBoom)
	}
	var ce *future.CancelError
	if err := cancelError(t, errBoom); !errors.As(err, &ce) || ce.Cause != errBoom {
		t.Errorf("errors.As(%q, *CancelError) found %+v, want Cause %v", err, ce, errBoom)
	}
	// One kind inside the other is somebody else's, and stays hidden.
	if err := waitError(t, cancelError(t, errBoom)); errors.As(err, &ce) {
		t.Errorf("errors.As(%q, *CancelError) = true, want false: this wait was not canceled work", err)
	}
	if err := cancelError(t, waitError(t, errBoom)); errors.As(err, &we) {
		t.Errorf("errors.As(%q, *WaitError) = true, want false: this work was not waited for", err)
	}
}

func TestErrors_Text(t *testing.T) {
	for _, tt := range []struct {
		err   error
		wants []string
	}{
		{waitError(t, errBoom), []string{"future:", "wait", "boom"}},
		{cancelError(t, errBoom), []string{"future:", "cancel", "boom"}},
		{&future.IndexError{Index: 3, Err: errBoom}, []string{"3", "boom"}},
		{&future.PanicError{Value: errBoom, Stack: []byte("goroutine 1 [running]")}, []string{"panic", "boom", "goroutine 1 [running]"}},
		{future.ErrNotReady, []string{"future:"}},
		{future.ErrCanceled, []string{"future:"}},
		{future.ErrGoexit, []string{"future:", "Goexit"}},
		{future.ErrAbandoned, []string{"future:"}},
		{future.ErrNoFutures, []string{"future:"}},
	} {
		for _, want := range tt.wants {
			if got := tt.err.Error(); !strings.Contains(got, want) {
				t.Errorf("%T: Error() = %q, want %q in it", tt.err, got, want)
			}
		}
	}
}
