// Command readme writes a run into the READMEs, between their markers, and draws its plots.
//
//	go run ./cmd/readme                     # the newest file in results/
//	go run ./cmd/readme -results results/2026-01-01T0000-0123456789ab.json
//	go run ./cmd/readme -root ''            # leave the library's README alone
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/forebay-go/forebay/benchmarks/record"
	"github.com/forebay-go/forebay/benchmarks/report"
)

func main() {
	results := flag.String("results", "", "results file (default: the newest in results/)")
	own := flag.String("own", "README.md", "README to write the full text into")
	root := flag.String("root", "../README.md", "README to write the short text into; '' is none")
	plots := flag.String("plots", "plots", "folder of the plots")
	flag.Parse()
	if err := run(*results, *own, *root, *plots); err != nil {
		fmt.Fprintln(os.Stderr, "readme:", err)
		os.Exit(1)
	}
}

func run(results, own, root, plots string) (err error) {
	if results == "" {
		if results, err = record.Newest("results"); err != nil {
			return err
		}
	}
	f, err := record.Read(results)
	if err != nil {
		return err
	}
	if err := report.Plots(f, plots); err != nil {
		return err
	}
	if err := insert(own, report.Full(f)); err != nil {
		return err
	}
	if root == "" {
		return nil
	}
	return insert(root, report.Short(f))
}

// insert rewrites a file that has the markers, and says so if it has none.
func insert(name, text string) error {
	doc, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	out, ok := report.Insert(string(doc), text)
	if !ok {
		fmt.Println(name, "has no markers, and stays as it is")
		return nil
	}
	fmt.Println("wrote", name)
	return os.WriteFile(name, []byte(out), 0o666)
}
