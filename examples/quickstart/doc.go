// Quickstart is the README's first program, word for word: one pool, one task, one typed
// result. make quickstart-check compares the two.
package main
