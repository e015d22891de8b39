// Command readme writes the newest runs into the READMEs, between their markers, and draws the plots.
//
//	go run ./cmd/readme                     # the newest file in results/
//	go run ./cmd/readme -results results/2026-01-01T0000-0123456789ab.json
//	go run ./cmd/readme -root ''            # leave the library's README alone
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"

	"github.com/forebay-go/forebay/benchmarks/record"
	"github.com/forebay-go/forebay/benchmarks/report"
)

func main() {
	results := flag.String("results", "", "results file (default: the newest in results/)")
	anchors := flag.String("anchors", "", "file of cmd/anchors (default: the newest in results/anchors/, which may have none)")
	own := flag.String("own", "README.md", "README to write the full text into")
	root := flag.String("root", "../README.md", "README to write the short text into; '' is none")
	plots := flag.String("plots", "plots", "folder of the plots")
	flag.Parse()
	if err := run(*results, *anchors, *own, *root, *plots); err != nil {
		fmt.Fprintln(os.Stderr, "readme:", err)
		os.Exit(1)
	}
}

func run(results, anchors, own, root, plots string) (err error) {
	var other *record.File
	if anchors == "" {
		if anchors, err = record.Newest("results/anchors"); err != nil && !errors.Is(err, record.ErrNone) {
			return err
		}
	}
	if anchors != "" {
		if other, err = record.Read(anchors); err != nil {
			return err
		}
	}
	if err := insert(own, report.Elsewhere, report.Anchors(other)); err != nil {
		return err
	}
	if results == "" {
		if results, err = record.Newest("results"); err != nil {
			return fmt.Errorf("%w: run cmd/bench first", err)
		}
	}
	f, err := record.Read(results)
	if err != nil {
		return err
	}
	if err := report.Plots(f, plots); err != nil {
		return err
	}
	if err := insert(own, report.Bench, report.Full(f)); err != nil {
		return err
	}
	if root == "" {
		return nil
	}
	return insert(root, report.Bench, report.Short(f))
}

// insert rewrites a file that has the markers, and says so if it has none.
func insert(name, section, text string) error {
	doc, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	out, ok := report.Insert(string(doc), section, text)
	if !ok {
		fmt.Printf("%s has no markers for %s, and stays as it is\n", name, section)
		return nil
	}
	fmt.Printf("wrote %s into %s\n", section, name)
	return os.WriteFile(name, []byte(out), 0o666)
}
