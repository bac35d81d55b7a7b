// Reads a configuration of Grafana Alloy and says whether its own parser takes it.
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/grafana/alloy/syntax/parser"
)

func main() {
	text, err := io.ReadAll(os.Stdin)
	if err == nil {
		_, err = parser.ParseFile("config.alloy", text)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
