import { withMetadata } from '../object.ts';
import type { ApiObject } from '../object.ts';

/** An object's metadata alone, for those who only need to know that it is there. */
export function partialMetadata(object: ApiObject): ApiObject {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: ownMetadata(object).metadata };
}

/** To the server this annotation of a DaemonSet is a field of the spec. Source: pkg/apis/apps/v1/conversion.go, `Convert_v1_DaemonSet_To_apps_DaemonSet`. */
const GENERATION = 'deprecated.daemonset.template.generation';

function ownMetadata(object: ApiObject): ApiObject {
  const { annotations } = object.metadata;
  if (object.apiVersion !== 'apps/v1' || object.kind !== 'DaemonSet' || annotations?.[GENERATION] === undefined) return object;
  const { [GENERATION]: _generation, ...others } = annotations;
  return withMetadata(object, { annotations: Object.keys(others).length === 0 ? undefined : others });
}
