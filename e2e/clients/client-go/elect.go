package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

const (
	lease  = 3 * time.Second
	renew  = 2 * time.Second
	tries  = 250 * time.Millisecond
	leader = "client-go"
)

// elect: a candidate for the Lease of the environment variable LEASE. It prints `leads` and `led`, and gives the Lease back when its standard input ends.
func elect(ctx context.Context, w world) error {
	told, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	leaderelection.RunOrDie(told, leaderelection.LeaderElectionConfig{
		Lock: &resourcelock.LeaseLock{
			LeaseMeta:  meta.ObjectMeta{Namespace: w.namespace, Name: os.Getenv("LEASE")},
			Client:     w.client.CoordinationV1(),
			LockConfig: resourcelock.ResourceLockConfig{Identity: leader},
		},
		LeaseDuration: lease, RenewDeadline: renew, RetryPeriod: tries, ReleaseOnCancel: true,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(context.Context) { fmt.Println("leads") },
			OnStoppedLeading: func() { fmt.Println("led") },
			OnNewLeader:      func(identity string) { fmt.Println("sees", identity) },
		},
	})
	return ctx.Err()
}
