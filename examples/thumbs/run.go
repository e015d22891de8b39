package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/forebay-go/forebay/examples/internal/cli"
)

// config is what the command line asks for, checked.
type config struct {
	dir, output string
	samples     int
	side        int
	budget      int64 // in bytes
	workers     int
}

// run is the program. When it returns, nothing that it started still runs.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	cfg, help, err := parse(args)
	if status, ok := cli.Parsed("thumbs", help, err, stdout, stderr); !ok {
		return status
	}

	return cli.Ended(ctx, "thumbs", thumbs(ctx, cfg, stdout, stderr), stderr)
}

// thumbs makes the folders and the samples that are missing, and the thumbnails, and reports.
func thumbs(ctx context.Context, cfg config, stdout, stderr io.Writer) (err error) {
	if cfg.samples > 0 {
		if cfg.dir, err = os.MkdirTemp("", "thumbs-samples-"); err != nil {
			return err
		}
		defer os.RemoveAll(cfg.dir)
		if err := makeSamples(ctx, cfg.dir, cfg.workers, cfg.samples); err != nil {
			return err
		}
	}
	if cfg.output == "" {
		cfg.output, err = os.MkdirTemp("", "thumbs-")
	} else {
		err = os.MkdirAll(cfg.output, 0o755)
	}
	if err != nil {
		return err
	}
	files, err := images(cfg.dir)
	if err != nil {
		return err
	}

	start := time.Now()
	done, err := makeThumbs(ctx, cfg, files, cfg.thumbnail)
	elapsed := time.Since(start)

	made := 0
	for _, t := range done {
		if t.skipped != nil {
			fmt.Fprintln(stderr, "thumbs: skipped", t.skipped)
			continue
		}
		made++
		fmt.Fprintf(stdout, "%-20s %4dx%-4d -> %dx%d\n", filepath.Base(t.path), t.from.X, t.from.Y, t.to.X, t.to.Y)
	}
	fmt.Fprintf(stdout, "%d of %d images in %v, with %s for what is decoded at a time\nthumbnails in %s\n",
		made, len(files), elapsed.Round(time.Millisecond), mib(cfg.budget), cfg.output)
	if err == nil {
		err = ctx.Err() // then not all of them were looked at
	}
	return err
}

// images lists the files in dir that are named like images.
func images(dir string) (files []string, err error) {
	entries, err := os.ReadDir(dir)
	for _, entry := range entries {
		ext := strings.ToLower(filepath.Ext(entry.Name()))
		if entry.Type().IsRegular() && slices.Contains([]string{".png", ".jpg", ".jpeg", ".gif"}, ext) {
			files = append(files, filepath.Join(dir, entry.Name()))
		}
	}
	return files, err
}

func mib(bytes int64) string { return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20)) }

const (
	maxWorkers = 1 << 16 // less than a pool can have
	maxSide    = 1 << 12
	maxBudget  = 1 << 20 // in MiB
)

// parse reads the flags. Its error is one line; flag.ErrHelp comes with the text to print instead.
func parse(args []string) (cfg config, help string, err error) {
	var text strings.Builder
	flags := flag.NewFlagSet("thumbs", flag.ContinueOnError)
	flags.SetOutput(&text)
	flags.Usage = func() {
		fmt.Fprintln(&text, "usage: thumbs [flags] DIR, or thumbs [flags] -make N")
		fmt.Fprintln(&text, "Makes thumbnails of the images in DIR, within a budget of memory.")
		flags.PrintDefaults()
	}
	flags.IntVar(&cfg.samples, "make", 0, "make so many sample images and take those")
	flags.IntVar(&cfg.side, "side", 128, "the longer side of a thumbnail, in pixels")
	budget := flags.Int64("budget", 16, "how much memory decoded images may take together, in MiB")
	flags.IntVar(&cfg.workers, "workers", runtime.GOMAXPROCS(0), "how many images are scaled at a time, if the budget allows")
	flags.StringVar(&cfg.output, "o", "", "the folder for the thumbnails; without it, a temporary one")

	if err := flags.Parse(args); err != nil {
		return cfg, text.String(), err
	}
	cfg.dir, cfg.budget = flags.Arg(0), *budget<<20
	switch {
	case cfg.samples < 0:
		err = fmt.Errorf("-make %d: must not be negative", cfg.samples)
	case cfg.side < 1 || cfg.side > maxSide:
		err = fmt.Errorf("-side %d: must be 1 to %d", cfg.side, maxSide)
	case *budget < 1 || *budget > maxBudget:
		err = fmt.Errorf("-budget %d: must be 1 to %d", *budget, maxBudget)
	case cfg.workers < 1 || cfg.workers > maxWorkers:
		err = fmt.Errorf("-workers %d: must be 1 to %d", cfg.workers, maxWorkers)
	case flags.NArg() > 1:
		err = fmt.Errorf("one folder, after the flags; got %q", flags.Args())
	case flags.NArg() == 1 && cfg.samples > 0:
		err = errors.New("either -make or a folder, not both")
	case flags.NArg() == 0 && cfg.samples == 0:
		err = errors.New("no folder given; try -make 24")
	case flags.NArg() == 1:
		_, err = os.ReadDir(cfg.dir)
	}
	return cfg, "", err
}
