package main

import (
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
	"testing"
)

func TestFit(t *testing.T) {
	for _, tt := range []struct{ size, want image.Point }{
		{image.Pt(256, 128), image.Pt(100, 50)},
		{image.Pt(128, 256), image.Pt(50, 100)},
		{image.Pt(100, 100), image.Pt(100, 100)},
		{image.Pt(101, 101), image.Pt(100, 100)},
		{image.Pt(30, 20), image.Pt(30, 20)},
		{image.Pt(5000, 3), image.Pt(100, 1)},
		{image.Pt(300, 200), image.Pt(100, 67)},
	} {
		if got := fit(tt.size, 100); got != tt.want {
			t.Errorf("fit(%v, 100): got %v, want %v", tt.size, got, tt.want)
		}
	}
}

// What a picture is said to weigh is not less than its pixels take when they are decoded.
func TestSizeIsNotTooSmall(t *testing.T) {
	area := image.Rect(0, 0, 40, 30)
	encodeJPEG := func(w io.Writer, m image.Image) error { return jpeg.Encode(w, m, nil) }
	encodeGIF := func(w io.Writer, m image.Image) error { return gif.Encode(w, m, nil) }
	clear := color.Palette{color.Transparent, color.Black}
	for name, tt := range map[string]struct {
		img    draw.Image
		encode func(io.Writer, image.Image) error
	}{
		"gray.png":     {image.NewGray(area), png.Encode},
		"gray16.png":   {image.NewGray16(area), png.Encode},
		"nrgba.png":    {image.NewNRGBA(area), png.Encode},
		"nrgba64.png":  {image.NewNRGBA64(area), png.Encode},
		"rgba64.png":   {image.NewRGBA64(area), png.Encode},
		"paletted.png": {image.NewPaletted(area, clear), png.Encode},
		"gray.jpg":     {image.NewGray(area), encodeJPEG},
		"ycbcr.jpg":    {image.NewRGBA(area), encodeJPEG},
		"paletted.gif": {image.NewPaletted(area, palette.WebSafe), encodeGIF},
	} {
		path := filepath.Join(t.TempDir(), name)
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := tt.encode(f, tt.img); err != nil {
			t.Fatal(err)
		}
		f.Close()
		pic, err := look(path)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		img, err := decode(path)
		if err != nil {
			t.Fatal(err)
		}
		var takes int
		switch img := img.(type) {
		case *image.Gray:
			takes = len(img.Pix)
		case *image.Gray16:
			takes = len(img.Pix)
		case *image.RGBA:
			takes = len(img.Pix)
		case *image.NRGBA:
			takes = len(img.Pix)
		case *image.RGBA64:
			takes = len(img.Pix)
		case *image.NRGBA64:
			takes = len(img.Pix)
		case *image.Paletted:
			takes = len(img.Pix)
		case *image.YCbCr:
			takes = len(img.Y) + len(img.Cb) + len(img.Cr)
		}
		if takes == 0 || pic.size < int64(takes) || pic.size > int64(4*takes) {
			t.Errorf("%s: %d bytes expected, and a %T takes %d", name, pic.size, img, takes)
		}
	}
}
