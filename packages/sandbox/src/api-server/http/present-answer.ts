import { stringify } from 'yaml';
import type { Served } from '../catalog/served.ts';
import type { Core } from '../core/core.ts';
import type { ApiObject } from '../object.ts';
import { tableOf } from '../tables/table.ts';
import type { TableOptions } from '../tables/table.ts';
import type { Form } from './accept.ts';
import { JSON_TYPE } from './call.ts';
import type { Json, Outgoing } from './call.ts';

/** Puts one object into the form that was asked for. */
export function objectAnswer(core: Core, status: number, object: ApiObject, served: Served, form: Form, table: TableOptions): Outgoing {
  switch (form.as) {
    case 'table':
      return encoded(status, form, json(tableOf(core, served, [object], table, { resourceVersion: object.metadata.resourceVersion ?? '' })));
    case 'metadata':
      return encoded(status, form, json(partialMetadata(object)));
    default:
      return encoded(status, form, { value: object, text: () => core.texts.json(object) });
  }
}

/** Puts a value into the medium that was asked for. */
export function encoded(status: number, form: Form, body: Json): Outgoing {
  if (form.media === 'json') return { status, headers: { 'content-type': JSON_TYPE }, body };
  return { status, headers: { 'content-type': 'application/yaml' }, body: stringify(JSON.parse(body.text()), { aliasDuplicateObjects: false }) };
}

export function json(value: unknown): Json {
  return { value, text: () => JSON.stringify(value) };
}

/** An object's metadata alone, for those who only need to know that it is there. */
export function partialMetadata(object: ApiObject): ApiObject {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}
