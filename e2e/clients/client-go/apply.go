package main

import (
	"context"
	"fmt"

	apps "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	appsapply "k8s.io/client-go/applyconfigurations/apps/v1"
	coreapply "k8s.io/client-go/applyconfigurations/core/v1"
	metaapply "k8s.io/client-go/applyconfigurations/meta/v1"
	"k8s.io/client-go/util/retry"
)

const image = "example.com/none:1"

// apply: typed server-side apply: made, repeated without a change, in conflict with another manager, forced, taken over, and given up field by field.
func apply(ctx context.Context, w world) error {
	deployments := w.client.AppsV1().Deployments(w.namespace)
	labels := map[string]string{"app": "case"}
	wanted := func() *appsapply.DeploymentApplyConfiguration {
		container := coreapply.Container().WithName("main").WithImage(image).WithPorts(coreapply.ContainerPort().WithContainerPort(80))
		template := coreapply.PodTemplateSpec().WithLabels(labels).WithSpec(coreapply.PodSpec().WithContainers(container))
		spec := appsapply.DeploymentSpec().WithReplicas(0).WithSelector(metaapply.LabelSelector().WithMatchLabels(labels)).WithTemplate(template)
		return appsapply.Deployment("case", w.namespace).WithSpec(spec)
	}
	as := func(manager string, force bool) meta.ApplyOptions {
		return meta.ApplyOptions{FieldManager: manager, Force: force}
	}
	made, err := deployments.Apply(ctx, wanted(), as("one", false))
	if err != nil {
		return err
	}
	again, err := deployments.Apply(ctx, wanted(), as("one", false))
	if err != nil {
		return err
	}
	// The controllers of the cluster may write status meanwhile; what was applied is not a new generation.
	if err := same("generation", again.Generation, made.Generation); err != nil {
		return err
	}
	paused := wanted()
	paused.Spec.WithPaused(true).Template.Spec.Containers[0].WithImage("example.com/none:2")
	if _, err := deployments.Apply(ctx, paused, as("two", false)); !errors.IsConflict(err) {
		return fmt.Errorf("another manager's image: %v, not a conflict", err)
	}
	forced, err := deployments.Apply(ctx, paused, as("two", true))
	if err != nil {
		return err
	}
	if err := same("image", forced.Spec.Template.Spec.Containers[0].Image, "example.com/none:2"); err != nil {
		return err
	}
	return extracted(ctx, w, forced)
}

// extracted: what a manager owns can be read back, changed and applied: reading, changing and applying is how client-go says that controllers work.
func extracted(ctx context.Context, w world, live *apps.Deployment) error {
	deployments := w.client.AppsV1().Deployments(w.namespace)
	one, err := appsapply.ExtractDeployment(live, "one")
	if err != nil {
		return err
	}
	if container := one.Spec.Template.Spec.Containers[0]; container.Image != nil || len(container.Ports) != 1 {
		return fmt.Errorf("one still owns the image, or no port: %+v", container)
	}
	one.Spec.Replicas = nil
	if live, err = deployments.Apply(ctx, one, meta.ApplyOptions{FieldManager: "one"}); err != nil {
		return err
	}
	// The other applied them too.
	if err := same("replicas", *live.Spec.Replicas, 0); err != nil {
		return err
	}
	two, err := appsapply.ExtractDeployment(live, "two")
	if err != nil {
		return err
	}
	two.Spec.Replicas, two.Spec.Paused = nil, nil
	if live, err = deployments.Apply(ctx, two, meta.ApplyOptions{FieldManager: "two"}); err != nil {
		return err
	}
	return first(same("replicas that nobody applies", *live.Spec.Replicas, 1), same("paused that nobody applies", live.Spec.Paused, false))
}

// patch: the three kinds of patches, on the object, its status and its scale.
func patch(ctx context.Context, w world) error {
	deployments := w.client.AppsV1().Deployments(w.namespace)
	labels := metaapply.LabelSelector().WithMatchLabels(map[string]string{"app": "case"})
	container := coreapply.Container().WithName("main").WithImage(image)
	template := coreapply.PodTemplateSpec().WithLabels(labels.MatchLabels).WithSpec(coreapply.PodSpec().WithContainers(container))
	spec := appsapply.DeploymentSpec().WithReplicas(0).WithPaused(true).WithSelector(labels).WithTemplate(template)
	if _, err := deployments.Apply(ctx, appsapply.Deployment("case", w.namespace).WithSpec(spec), meta.ApplyOptions{FieldManager: "one"}); err != nil {
		return err
	}
	as := func(kind types.PatchType, body string, sub ...string) (*apps.Deployment, error) {
		return deployments.Patch(ctx, "case", kind, []byte(body), meta.PatchOptions{}, sub...)
	}
	strategic, err := as(types.StrategicMergePatchType, `{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"example.com/side:1"}]}}}}`)
	if err != nil {
		return err
	}
	merged, err := as(types.MergePatchType, `{"metadata":{"labels":{"a":"b"}},"spec":{"minReadySeconds":3}}`)
	if err != nil {
		return err
	}
	if _, err = as(types.JSONPatchType, `[{"op":"test","path":"/spec/minReadySeconds","value":4}]`); !errors.IsInvalid(err) {
		return fmt.Errorf("a test that fails: %v", err)
	}
	removed, err := as(types.JSONPatchType, `[{"op":"remove","path":"/metadata/labels/a"}]`)
	if err != nil {
		return err
	}
	status, err := as(types.MergePatchType, `{"spec":{"replicas":7},"status":{"conditions":[{"type":"Case","status":"True"}]}}`, "status")
	if err != nil {
		return err
	}
	selector := ""
	// Controllers write the object too.
	if err := retry.RetryOnConflict(retry.DefaultBackoff, func() error {
		scale, err := deployments.GetScale(ctx, "case", meta.GetOptions{})
		if err != nil {
			return err
		}
		selector, scale.Spec.Replicas = scale.Status.Selector, 2
		_, err = deployments.UpdateScale(ctx, "case", scale, meta.UpdateOptions{})
		return err
	}); err != nil {
		return err
	}
	last, err := deployments.Get(ctx, "case", meta.GetOptions{})
	return first(err,
		same("containers", len(strategic.Spec.Template.Spec.Containers), 2),
		same("merged", fmt.Sprint(merged.Labels, merged.Spec.MinReadySeconds), "map[a:b] 3"),
		same("labels after removal", removed.Labels, map[string]string{}),
		same("replicas through status", *status.Spec.Replicas, 0),
		same("selector of the scale", selector, "app=case"),
		same("replicas through scale", *last.Spec.Replicas, 2))
}
