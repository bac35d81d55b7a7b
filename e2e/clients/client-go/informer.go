package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/tools/cache"
)

const resyncEvery = time.Second

// informer: a shared informer with a resync sees what is there, what comes, changes and goes, and tells of all of it again at each resync.
func informer(ctx context.Context, w world) error {
	maps := w.client.CoreV1().ConfigMaps(w.namespace)
	if _, err := maps.Create(ctx, configMap("there"), meta.CreateOptions{}); err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactoryWithOptions(w.client, resyncEvery, informers.WithNamespace(w.namespace),
		informers.WithTweakListOptions(func(options *meta.ListOptions) { options.LabelSelector = "of=case" }))
	shared := factory.Core().V1().ConfigMaps()
	seen := &lines{changed: make(chan struct{}, 1)}
	if _, err := shared.Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: func(object any) { seen.add("add " + object.(*core.ConfigMap).Name) },
		UpdateFunc: func(before, after any) {
			a, b := before.(*core.ConfigMap), after.(*core.ConfigMap)
			if a.ResourceVersion == b.ResourceVersion {
				seen.add("resync " + b.Name)
			} else {
				seen.add("update " + b.Name + " " + b.Data["a"])
			}
		},
		DeleteFunc: func(object any) { seen.add("delete " + object.(*core.ConfigMap).Name) },
	}); err != nil {
		return err
	}
	stopped, stop := context.WithCancel(ctx)
	defer factory.Shutdown()
	defer stop()
	factory.Start(stopped.Done())
	for kind, synced := range factory.WaitForCacheSync(ctx.Done()) {
		if !synced {
			return fmt.Errorf("the cache of %v was not filled", kind)
		}
	}
	steps := []func() error{
		func() error { return seen.until(ctx, "add there") },
		func() error { _, err := maps.Create(ctx, configMap("new"), meta.CreateOptions{}); return err },
		func() error { return seen.until(ctx, "add new") },
		func() error {
			_, err := maps.Patch(ctx, "there", types.MergePatchType, []byte(`{"data":{"a":"2"}}`), meta.PatchOptions{})
			return err
		},
		func() error { return seen.until(ctx, "update there 2") },
		func() error { return seen.until(ctx, "resync there", "resync new") },
		func() error { return maps.Delete(ctx, "new", meta.DeleteOptions{}) },
		func() error { return seen.until(ctx, "delete new") },
		// Without the label it is gone for this informer, and for nobody else.
		func() error {
			_, err := maps.Patch(ctx, "there", types.MergePatchType, []byte(`{"metadata":{"labels":null}}`), meta.PatchOptions{})
			return err
		},
		func() error { return seen.until(ctx, "delete there") },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return same("what is left in the cache", len(shared.Informer().GetStore().List()), 0)
}

func configMap(name string) *core.ConfigMap {
	return &core.ConfigMap{ObjectMeta: meta.ObjectMeta{Name: name, Labels: map[string]string{"of": "case"}}, Data: map[string]string{"a": "1"}}
}

// lines that handlers say, which run on goroutines of their own.
type lines struct {
	mutex   sync.Mutex
	said    []string
	changed chan struct{}
}

func (l *lines) add(line string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.said = append(l.said, line)
	select {
	case l.changed <- struct{}{}:
	default:
	}
}

func (l *lines) all() []string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return append([]string(nil), l.said...)
}

// until all of these were said.
func (l *lines) until(ctx context.Context, wanted ...string) error {
	for {
		said := "\n" + strings.Join(l.all(), "\n") + "\n"
		missing := 0
		for _, line := range wanted {
			if !strings.Contains(said, "\n"+line+"\n") {
				missing++
			}
		}
		if missing == 0 {
			return nil
		}
		select {
		case <-l.changed:
		case <-ctx.Done():
			return fmt.Errorf("waited in vain for %q, heard %q", wanted, l.all())
		}
	}
}
