package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/color/palette"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"

	"github.com/forebay-go/forebay/pool"
)

// makeSamples makes n images in dir, the same ones every time, and a file that is no image.
func makeSamples(ctx context.Context, dir string, workers, n int) error {
	if err := os.WriteFile(filepath.Join(dir, "broken.png"), []byte("not really a picture\n"), 0o644); err != nil {
		return err
	}
	numbers := make([]int, n)
	for i := range numbers {
		numbers[i] = i
	}
	p := pool.New[int, struct{}](pool.WithName("samples"), pool.WithWorkers(workers))
	defer p.Close()
	_, err := p.Map(ctx, func(_ context.Context, i int) (struct{}, error) {
		return struct{}{}, makeSample(dir, i)
	}, numbers)
	return err
}

// makeSample makes image number i.
func makeSample(dir string, i int) error {
	area := image.Rect(0, 0, 200+i*397%1400, 150+i*263%1100)
	kinds := []struct {
		ext    string
		empty  draw.Image
		encode func(io.Writer, image.Image) error
	}{
		{"png", image.NewNRGBA(area), png.Encode},
		{"jpg", image.NewRGBA(area), func(w io.Writer, m image.Image) error { return jpeg.Encode(w, m, nil) }},
		{"gif", image.NewPaletted(area, palette.WebSafe), func(w io.Writer, m image.Image) error { return gif.Encode(w, m, nil) }},
	}
	kind := kinds[i%len(kinds)]
	paint(kind.empty)
	f, err := os.Create(filepath.Join(dir, fmt.Sprintf("sample%03d.%s", i, kind.ext)))
	if err != nil {
		return err
	}
	return errors.Join(kind.encode(f, kind.empty), f.Close())
}

// paint fills the image with squares, which run from dark to bright.
func paint(img draw.Image) {
	const square = 50
	area := img.Bounds()
	for y := 0; y < area.Max.Y; y += square {
		for x := 0; x < area.Max.X; x += square {
			c := color.RGBA{uint8(255 * x / area.Max.X), uint8(255 * y / area.Max.Y), 128, 255}
			draw.Draw(img, image.Rect(x, y, x+square, y+square), image.NewUniform(c), image.Point{}, draw.Src)
		}
	}
}
