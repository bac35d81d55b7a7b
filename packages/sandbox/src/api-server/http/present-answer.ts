import { stringify } from 'yaml';
import { Refusal } from '../../refusal.ts';
import type { Served } from '../catalog/served.ts';
import type { Core } from '../core/core.ts';
import type { ApiObject } from '../object.ts';
import { tableOf } from '../tables/table.ts';
import type { TableOptions } from '../tables/table.ts';
import { wrongForm } from './accept.ts';
import type { Form } from './accept.ts';
import { JSON_TYPE } from './call.ts';
import type { Json, Outgoing } from './call.ts';
import { partialMetadata } from './partial-metadata.ts';

/** Puts one object into the form that was asked for. */
export function objectAnswer(core: Core, status: number, object: ApiObject, served: Served, form: Form, table: TableOptions): Outgoing {
  switch (form.as) {
    case 'table':
      return encoded(status, form, json(tableOf(core, served, [object], table, { resourceVersion: object.metadata.resourceVersion ?? '' })));
    case 'metadata':
      return encoded(status, form, json(partialMetadata(object)));
    case 'metadataList':
      // Of a custom object the server finds out too late. Source: apimachinery, pkg/apis/meta/v1/unstructured, `EachListItem`.
      throw served.custom === undefined ? wrongForm(form.as) : new Refusal(500, '', 'content is not a list');
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
