package main

import (
	"bytes"
	"iter"
	"net/url"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// links yields where the links of a page lead to, without their fragments.
func links(page *url.URL, body []byte) iter.Seq[*url.URL] {
	return func(yield func(*url.URL) bool) {
		root, err := html.Parse(bytes.NewReader(body))
		if err != nil {
			return // the reader's error; any text is HTML
		}
		for node := range root.Descendants() {
			if node.DataAtom != atom.A {
				continue
			}
			for _, attr := range node.Attr {
				if attr.Key != "href" {
					continue
				}
				link, err := page.Parse(attr.Val)
				if err != nil {
					continue
				}
				link.Fragment = ""
				if !yield(link) {
					return
				}
			}
		}
	}
}
