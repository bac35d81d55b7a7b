package main

import (
	"context"
	"fmt"

	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/cache"
)

var hazelcasts = schema.GroupVersionResource{Group: "hazelcast.com", Version: "v1alpha1", Resource: "hazelcasts"}

// discover: kinds are found by what people and manifests call them, with their scope; what there is not is told so.
func discover(_ context.Context, w world) error {
	cached := memory.NewMemCacheClient(w.client.Discovery())
	lists, err := discovery.ServerPreferredResources(cached)
	if err != nil {
		return err
	}
	preferred := map[string]bool{}
	for _, list := range lists {
		for _, resource := range list.APIResources {
			preferred[list.GroupVersion+"/"+resource.Name] = true
		}
	}
	for _, wanted := range []string{"v1/pods", "apps/v1/statefulsets", "autoscaling/v2/horizontalpodautoscalers", "hazelcast.com/v1alpha1/hazelcasts"} {
		if !preferred[wanted] {
			return fmt.Errorf("%s is not among the preferred resources", wanted)
		}
	}
	mapper := restmapper.NewShortcutExpander(restmapper.NewDeferredDiscoveryRESTMapper(cached), cached, func(string) {})
	for short, long := range map[string]string{"hz": "hazelcasts", "sts": "statefulsets", "pod": "pods", "deployments.apps": "deployments"} {
		found, err := mapper.ResourceFor(schema.ParseGroupResource(short).WithVersion(""))
		if err = first(err, same(short, found.Resource, long)); err != nil {
			return err
		}
	}
	for _, kind := range []schema.GroupVersionKind{{Group: "hazelcast.com", Version: "v1alpha1", Kind: "Hazelcast"}, {Version: "v1", Kind: "Namespace"}} {
		mapping, err := mapper.RESTMapping(kind.GroupKind(), kind.Version)
		if err != nil {
			return err
		}
		if err := same(kind.Kind+" has a namespace", mapping.Scope.Name() == "namespace", kind.Kind == "Hazelcast"); err != nil {
			return err
		}
	}
	if _, err := mapper.RESTMapping(schema.GroupKind{Group: "hazelcast.com", Kind: "Nothing"}); err == nil {
		return fmt.Errorf("a kind that there is not was found")
	}
	version, err := w.client.Discovery().ServerVersion()
	return first(err, same("major version", version.Major, "1"))
}

// custom: a Hazelcast by the dynamic client and a dynamic informer: made, applied, patched at its status, seen, deleted.
func custom(ctx context.Context, w world) error {
	client, err := dynamic.NewForConfig(w.config)
	if err != nil {
		return err
	}
	factory := dynamicinformer.NewFilteredDynamicSharedInformerFactory(client, 0, w.namespace, nil)
	seen := &lines{changed: make(chan struct{}, 1)}
	said := func(verb string) func(any) {
		return func(object any) {
			size, _, _ := unstructured.NestedInt64(object.(*unstructured.Unstructured).Object, "spec", "clusterSize")
			seen.add(fmt.Sprint(verb, " ", size))
		}
	}
	handler := cache.ResourceEventHandlerFuncs{AddFunc: said("add"), UpdateFunc: func(_, after any) { said("update")(after) }, DeleteFunc: said("delete")}
	if _, err := factory.ForResource(hazelcasts).Informer().AddEventHandler(handler); err != nil {
		return err
	}
	stopped, stop := context.WithCancel(ctx)
	defer factory.Shutdown()
	defer stop()
	factory.Start(stopped.Done())
	factory.WaitForCacheSync(ctx.Done())
	return written(ctx, client.Resource(hazelcasts).Namespace(w.namespace), seen)
}

func written(ctx context.Context, resource dynamic.ResourceInterface, seen *lines) error {
	hazelcast := func(size int64) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "hazelcast.com/v1alpha1", "kind": "Hazelcast", "metadata": map[string]any{"name": "case"},
			"spec": map[string]any{"clusterSize": size},
		}}
	}
	made, err := resource.Create(ctx, hazelcast(2), meta.CreateOptions{})
	if err != nil {
		return err
	}
	if repository, _, _ := unstructured.NestedString(made.Object, "spec", "repository"); repository == "" {
		return fmt.Errorf("no default was filled in: %v", made.Object)
	}
	if err := seen.until(ctx, "add 2"); err != nil {
		return err
	}
	if _, err := resource.Apply(ctx, "case", hazelcast(3), meta.ApplyOptions{FieldManager: "one", Force: true}); err != nil {
		return err
	}
	if err := seen.until(ctx, "update 3"); err != nil {
		return err
	}
	live, err := resource.Get(ctx, "case", meta.GetOptions{})
	if err != nil {
		return err
	}
	if err := unstructured.SetNestedField(live.Object, "Running", "status", "phase"); err != nil {
		return err
	}
	if live, err = resource.UpdateStatus(ctx, live, meta.UpdateOptions{}); err != nil {
		return err
	}
	phase, _, _ := unstructured.NestedString(live.Object, "status", "phase")
	return first(same("phase", phase, "Running"), same("generation", live.GetGeneration(), 2),
		resource.Delete(ctx, "case", meta.DeleteOptions{}), seen.until(ctx, "delete 3"))
}
