package main

import (
	"context"
	"fmt"
	"sync/atomic"

	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/pager"
	toolswatch "k8s.io/client-go/tools/watch"
)

// takenUp: so often a watch must have begun before the case is content.
const takenUp = 4

// resume: a watch that the server ends each second is taken up where it ended, while somebody writes; nothing is missed and nothing comes twice.
func resume(ctx context.Context, w world) error {
	maps := w.client.CoreV1().ConfigMaps(w.namespace)
	list, err := maps.List(ctx, meta.ListOptions{})
	if err != nil {
		return err
	}
	var began atomic.Int64
	second := int64(1)
	watcher, err := toolswatch.NewRetryWatcherWithContext(ctx, list.ResourceVersion, &cache.ListWatch{
		WatchFuncWithContext: func(ctx context.Context, options meta.ListOptions) (watch.Interface, error) {
			began.Add(1)
			options.TimeoutSeconds = &second
			options.LabelSelector = "of=case"
			return maps.Watch(ctx, options)
		},
	})
	if err != nil {
		return err
	}
	defer watcher.Stop()
	written := make(chan error, 1)
	total := 0
	go func() {
		for ; began.Load() < takenUp && err == nil; total++ {
			_, err = maps.Create(ctx, configMap(fmt.Sprintf("m%d", total)), meta.CreateOptions{})
		}
		written <- err
	}()
	done := false
	for number := 0; !done || number < total; {
		select {
		case err := <-written:
			if err != nil {
				return err
			}
			done = true
		case <-ctx.Done():
			return fmt.Errorf("%d events came", number)
		case event, open := <-watcher.ResultChan():
			if !open {
				return fmt.Errorf("the watch ended after %d events", number)
			}
			if event.Type == watch.Error {
				return errors.FromObject(event.Object)
			}
			said := fmt.Sprintf("%s %s", event.Type, event.Object.(*core.ConfigMap).Name)
			if err := same("event", said, fmt.Sprintf("ADDED m%d", number)); err != nil {
				return err
			}
			number++
		}
	}
	return nil
}

// pages: a list of several pages is one moment: what is made meanwhile is not in it, what is deleted meanwhile is.
func pages(ctx context.Context, w world) error {
	maps := w.client.CoreV1().ConfigMaps(w.namespace)
	for number := range 10 {
		if _, err := maps.Create(ctx, configMap(fmt.Sprintf("p%d", number)), meta.CreateOptions{}); err != nil {
			return err
		}
	}
	asked := 0
	paged := pager.New(func(ctx context.Context, options meta.ListOptions) (runtime.Object, error) {
		asked++
		page, err := maps.List(ctx, options)
		if err == nil && asked == 1 {
			err = first(maps.Delete(ctx, "p9", meta.DeleteOptions{}), errorOf(maps.Create(ctx, configMap("p91"), meta.CreateOptions{})))
		}
		return page, err
	})
	paged.PageSize = 3
	var names []string
	err := paged.EachListItem(ctx, meta.ListOptions{LabelSelector: "of=case"}, func(object runtime.Object) error {
		names = append(names, object.(*core.ConfigMap).Name)
		return nil
	})
	return first(err, same("names", names, "[p0 p1 p2 p3 p4 p5 p6 p7 p8 p9]"), same("pages", asked, 4))
}

func errorOf[T any](_ T, err error) error { return err }
