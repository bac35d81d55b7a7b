// Command client-go does what operators written in Go do, with client-go as it is: `client-go CASE NAMESPACE`, on the cluster of KUBECONFIG.
// It ends with code 0 when all was as client-go promises, and otherwise says what was not.
package main

import (
	"context"
	"fmt"
	"os"
	"sort"
	"strings"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// A case may take so long, also on a busy machine.
const within = 2 * time.Minute

// world is what a case works on: a namespace of its own.
type world struct {
	config    *rest.Config
	client    kubernetes.Interface
	namespace string
}

var cases = map[string]func(context.Context, world) error{
	"informer":  informer,
	"resume":    resume,
	"pages":     pages,
	"apply":     apply,
	"patch":     patch,
	"discovery": discover,
	"dynamic":   custom,
	"elect":     elect,
}

func main() {
	if len(os.Args) != 3 || cases[os.Args[1]] == nil {
		names := make([]string, 0, len(cases))
		for name := range cases {
			names = append(names, name)
		}
		sort.Strings(names)
		fmt.Fprintf(os.Stderr, "usage: client-go %s NAMESPACE\n", strings.Join(names, "|"))
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", os.Args[1], err)
		os.Exit(1)
	}
}

func run(name, namespace string) error {
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	return cases[name](ctx, world{config: config, client: client, namespace: namespace})
}

// same fails unless both are printed alike.
func same(what string, got, want any) error {
	if fmt.Sprint(got) == fmt.Sprint(want) {
		return nil
	}
	return fmt.Errorf("%s: %v, not %v", what, got, want)
}

// first answers the first that is wrong.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
