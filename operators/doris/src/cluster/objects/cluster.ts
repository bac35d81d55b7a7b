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

/** The image that a component's pods run: `baseImage:version`, or `apache/doris:fe-version` of the one repository that holds all components. */
export function imageOf(cluster: Cluster, name: ComponentName): string {
  const component = componentOf(cluster, name);
  const version = component.version === undefined || component.version === '' ? cluster.spec.version : component.version;
  const prefix = isOfficial(component) ? `${name === 'cn' ? 'be' : name}-` : '';
  return `${component.baseImage}:${version.startsWith(prefix) ? '' : prefix}${version}`;
}

/**
 * Whether the image is of Apache's own family, `apache/doris:fe-2.1.7`, whose entry scripts have another contract than those of `doris-fe:2.0.3`
 * (spec/doris-field-notes.md §2.3, §2.4). Told by the repository's name, which is `doris` in every mirror.
 */
export const isOfficial = ({ baseImage }: Pick<Component, 'baseImage'>): boolean => /(^|\/)doris$/.test(baseImage);

/** How many of the front ends vote; the others, with the highest ordinals, are observers. */
export const followersOf = ({ spec }: Cluster): number => Math.min(spec.fe?.followers ?? Infinity, spec.fe?.replicas ?? 0);

/** The component's part of the spec; builders are only called for one that is there. */
export function componentOf(cluster: Cluster, name: ComponentName): Component {
  const component = cluster.spec[name];
  if (component === undefined) throw new Error(`${cluster.namespace}/${cluster.name} has no ${name}`);
  return component;
}
