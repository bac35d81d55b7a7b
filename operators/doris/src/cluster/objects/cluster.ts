import type { Component } from '../../api/component.ts';
import type { Spec } from '../../api/spec.ts';
import type { ComponentName, Place } from '../names.ts';

/** What builders are given: a cluster's place and its spec. Builders are pure and say the same for the same input, whatever the day. */
export interface Cluster extends Place {
  readonly spec: Spec;
}

/** A DorisCluster as builders take it. */
export function clusterFrom(object: { readonly metadata: { readonly name: string; readonly namespace?: string }; readonly spec: unknown }): Cluster {
  // Sound: a Live spec is the declared spec, read-only all the way down; builders only read.
  return { name: object.metadata.name, namespace: object.metadata.namespace ?? '', spec: object.spec as Spec };
}

/** The image that a component's pods run. */
export function imageOf(cluster: Cluster, component: Component): string {
  const version = component.version === undefined || component.version === '' ? cluster.spec.version : component.version;
  return `${component.baseImage}:${version}`;
}

/** The component's part of the spec; builders are only called for one that is there. */
export function componentOf(cluster: Cluster, name: ComponentName): Component {
  const component = cluster.spec[name];
  if (component === undefined) throw new Error(`${cluster.namespace}/${cluster.name} has no ${name}`);
  return component;
}
