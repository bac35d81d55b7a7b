package main

import (
	"fmt"
	"io"
	"os"
)

// endWithParent ends this server at once when its standard input does, if END_WITH_STDIN is set: a parent that is killed cannot tell its children,
// but the pipe it held is closed by the kernel.
func endWithParent() {
	if os.Getenv("END_WITH_STDIN") == "" {
		return
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		fmt.Fprintln(os.Stderr, "whoever started this server is gone")
		os.Exit(3)
	}()
}
