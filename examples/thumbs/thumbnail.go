package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/gif"
	_ "image/jpeg"
	"image/png"
	"os"
	"path/filepath"

	"golang.org/x/image/draw"
)

// A picture is an image file to make a thumbnail of.
type picture struct {
	path string
	size int64 // when decoded, in bytes
}

// A thumb is what became of a picture.
type thumb struct {
	path     string
	from, to image.Point
	skipped  error // why there is no thumbnail
}

// look reads as much of a file as tells its size.
func look(path string) (picture, error) {
	f, err := os.Open(path)
	if err != nil {
		return picture{}, err
	}
	defer f.Close()
	header, _, err := image.DecodeConfig(f)
	if err != nil {
		return picture{}, fmt.Errorf("%s: %w", path, err)
	}
	if header.Width < 1 || header.Height < 1 {
		return picture{}, fmt.Errorf("%s: empty image", path)
	}
	return picture{path, int64(header.Width) * int64(header.Height) * bytesPerPixel(header.ColorModel)}, nil
}

// bytesPerPixel is the most that a decoder takes: a gray PNG becomes an NRGBA if one of its grays
// is transparent, and its header does not say so.
func bytesPerPixel(model color.Model) int64 {
	switch model {
	case color.Gray16Model, color.RGBA64Model, color.NRGBA64Model:
		return 8
	}
	return 4
}

// thumbnail is the task. That a picture cannot be read is a result like others; an error is
// something that will not be better with the next picture.
func (c config) thumbnail(ctx context.Context, p picture) (thumb, error) {
	if err := context.Cause(ctx); err != nil {
		return thumb{}, err
	}
	full, err := decode(p.path)
	if err != nil {
		return thumb{path: p.path, skipped: fmt.Errorf("%s: %w", p.path, err)}, nil
	}
	from := full.Bounds().Size()
	to := fit(from, c.side)
	small := image.NewRGBA(image.Rectangle{Max: to})
	draw.BiLinear.Scale(small, small.Bounds(), full, full.Bounds(), draw.Src, nil)
	return thumb{path: p.path, from: from, to: to}, writePNG(c.thumbPath(p.path), small)
}

func decode(path string) (image.Image, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	full, _, err := image.Decode(f)
	return full, err
}

// fit returns the size of the thumbnail: no side is longer than longest, and none grows.
func fit(size image.Point, longest int) image.Point {
	longer := max(size.X, size.Y)
	if longer <= longest {
		return size
	}
	scaled := func(side int) int { return max(1, (side*longest+longer/2)/longer) }
	return image.Pt(scaled(size.X), scaled(size.Y))
}

// thumbPath keeps the whole name: photo.jpg and photo.gif have different thumbnails.
func (c config) thumbPath(path string) string {
	return filepath.Join(c.output, filepath.Base(path)+".png")
}

func writePNG(path string, img image.Image) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(png.Encode(f, img), f.Close())
}
