package frame

// Forgotten reports whether the frame refers to nothing any more. Nobody may be using it.
func (f *Frame) Forgotten() bool {
	return f.ctx == nil && f.parent == nil && f.home == nil && f.made.Load() == nil
}

// Made reports whether the frame has made its real context.
func (f *Frame) Made() bool { return f.made.Load() != nil }

// Broken reports whether chains of nested frames are walked to find out whether one is dead.
func (h *Home) Broken() bool { return h.broken.Load() != 0 }
