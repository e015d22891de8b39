// Thumbs scales the images of a folder down to thumbnails, within a budget of memory: what is
// decoded at a time never takes more, however many workers there are and however large the images.
//
//	thumbs [flags] DIR
//	thumbs [flags] -make N
//
// The weight of a task is the size of its image when decoded, which the first bytes of the file tell
// ([image.DecodeConfig]); [pool.Pool.SubmitWeighted] waits until the pool's budget has that much
// left. An image that is larger than the whole budget is skipped. With -make, N images of different
// kinds and sizes are made first in a temporary folder, and one file that is no image; they are removed
// at the end, and the thumbnails stay.
//
// The budget covers the pixels of decoded images. What a decoder needs for itself, and the
// thumbnails, come on top.
//
// Exit status: 0, also if files were skipped, which are reported; 1 if a thumbnail or a sample could
// not be written; 2 for bad flags or no such folder; 130 when stopped by an interrupt.
package main

import "github.com/forebay-go/forebay/examples/internal/cli"

func main() { cli.Main(run) }
