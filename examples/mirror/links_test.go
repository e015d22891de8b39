package main

import (
	"net/url"
	"slices"
	"testing"
)

func TestLinks(t *testing.T) {
	page, err := url.Parse("http://host1.test/folder/page.html")
	if err != nil {
		t.Fatal(err)
	}
	const body = `<!doctype html>
<a href="next.html">beside</a> <A HREF='/top.html#part'>above, with a fragment</A>
<p><b><a class=x href=//host2.test/far>another host</a></b>
<a name="here">no link</a> <a href="http://[broken">no address</a> <link href="style.css">
<a href="?q=1&amp;r=2">query<a href=mailto:me@host1.test>mail`
	want := []string{
		"http://host1.test/folder/next.html",
		"http://host1.test/top.html",
		"http://host2.test/far",
		"http://host1.test/folder/page.html?q=1&r=2",
		"mailto:me@host1.test",
	}
	var got []string
	for link := range links(page, []byte(body)) {
		got = append(got, link.String())
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	for range links(page, []byte(body)) {
		break
	}
}
